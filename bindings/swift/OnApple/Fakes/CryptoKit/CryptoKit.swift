// The one part of CryptoKit that the example uses: SHA-256 (FIPS 180-4).
import Foundation

public struct SHA256Digest: Sequence, Sendable {
    fileprivate let bytes: [UInt8]
    public func makeIterator() -> IndexingIterator<[UInt8]> { bytes.makeIterator() }
}

public enum SHA256 {
    public static func hash(data: Data) -> SHA256Digest {
        var state = firstPrimes(8).map { fraction(of: Double($0).squareRoot()) }
        let constants = firstPrimes(64).map { fraction(of: cbrt(Double($0))) }
        var message = [UInt8](data) + [0x80]
        while message.count % 64 != 56 { message.append(0) }
        message += withUnsafeBytes(of: UInt64(data.count * 8).bigEndian, Array.init)
        for block in stride(from: 0, to: message.count, by: 64) {
            var words = (0 ..< 16).map { word in
                message[block + 4 * word ..< block + 4 * word + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            for word in 16 ..< 64 {
                let (early, late) = (words[word - 15], words[word - 2])
                let first = rotated(early, 7) ^ rotated(early, 18) ^ early >> 3
                let second = rotated(late, 17) ^ rotated(late, 19) ^ late >> 10
                words.append(words[word - 16] &+ first &+ words[word - 7] &+ second)
            }
            var now = state
            for round in 0 ..< 64 {
                let choice = now[4] & now[5] ^ ~now[4] & now[6]
                let majority = now[0] & now[1] ^ now[0] & now[2] ^ now[1] & now[2]
                let high = rotated(now[4], 6) ^ rotated(now[4], 11) ^ rotated(now[4], 25)
                let low = rotated(now[0], 2) ^ rotated(now[0], 13) ^ rotated(now[0], 22)
                let next = now[7] &+ high &+ choice &+ constants[round] &+ words[round]
                now = [next &+ low &+ majority, now[0], now[1], now[2], now[3] &+ next, now[4], now[5], now[6]]
            }
            state = zip(state, now).map(&+)
        }
        return SHA256Digest(bytes: state.flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) })
    }

    /// The first 32 bits of the fractional part.
    private static func fraction(of root: Double) -> UInt32 {
        UInt32((root - root.rounded(.down)) * 4_294_967_296)
    }

    private static func firstPrimes(_ count: Int) -> [Int] {
        Array((2...).lazy.filter { number in !(2 ..< number).contains { number % $0 == 0 } }.prefix(count))
    }

    private static func rotated(_ word: UInt32, _ by: UInt32) -> UInt32 { word >> by | word << (32 - by) }
}

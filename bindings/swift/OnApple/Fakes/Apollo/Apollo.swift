// What examples/ios uses of Apollo iOS 1, with its signature: the class is not Sendable.
import Foundation

public class ApolloClient {
    public var cached: [String: String]

    public init(_ cached: [String: String]) {
        self.cached = cached
    }

    public func clearCache(
        callbackQueue: DispatchQueue = .main, completion: ((Result<Void, any Error>) -> Void)? = nil
    ) {
        cached = [:]
        callbackQueue.async { completion?(.success(())) }
    }
}

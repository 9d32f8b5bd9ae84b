import SecondLibrary

/// Another UniFFI library, with some of the same names.
func askTheSecondLibrary(_ times: Int) async -> [String] {
    let auth = Auth(browser: Names())
    var names: [String] = []
    for number in 0 ..< times {
        names.append(await auth.session(number: UInt32(number)))
    }
    return names
}

private final class Names: Browser {
    func name(number: UInt32) -> String {
        "number \(number)"
    }
}

import SecondLibrary

/// Another UniFFI library, with names that this one has, too.
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

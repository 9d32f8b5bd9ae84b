import Testing

/// All of them, one after the other: some say how long a call may take, and one counts what is alive.
@Suite(.serialized) enum Everything {}

/// Waits until it is so, within reason.
func eventually(_ so: () async throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    for _ in 0 ..< 1000 {
        if try await so() { return }
        try await Task.sleep(nanoseconds: 20_000_000)
    }
    Issue.record("it never came", sourceLocation: sourceLocation)
}

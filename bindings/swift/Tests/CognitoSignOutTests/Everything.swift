import Testing

/// All tests, one after the other: some measure how long a call takes, and one counts live objects.
@Suite(.serialized) enum Everything {}

/// Waits until it is true, for a limited time.
func eventually(_ so: () async throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    for _ in 0 ..< 1000 {
        if try await so() { return }
        try await Task.sleep(nanoseconds: 20_000_000)
    }
    Issue.record("it never came", sourceLocation: sourceLocation)
}

#if os(Linux)
import Foundation
import Testing

/// docs/how-it-is-proved.md has the figures.
@Test func theLibraryLeavesAtMostAPieceOfTheRefreshToken() throws {
    let search = URL(fileURLWithPath: try environment("FAKE_COGNITO")).deletingLastPathComponent()
    let app = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let process = Process()
    process.executableURL = search.appendingPathComponent("memory_of_app")
    process.arguments = ["200", app.appendingPathComponent("MemoryApp").path]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
}
#endif

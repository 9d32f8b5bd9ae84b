@testable import CognitoSignOut
import CognitoSignOutCore
import Foundation
import Testing

/// What a call throws, and how an error looks to programs that know nothing of this library.
extension Everything {
    @Suite struct ErrorTests {
        @Test func aCallThrowsNothingElse() async throws {
            let auth = try await FakeCognito().app()
            do {
                _ = try await auth.tokens()
            } catch {
                // It compiles: the type is known without a cast.
                let code: CognitoSignOut.ErrorCode = error.code
                #expect(code == .signedOut)
            }
        }

        /// As UniFFI throws an error of its own if the library panics.
        @Test func anErrorOfTheLibrarysInsideHasAnOrdinaryTypeAndNotItsText() async {
            do {
                try CognitoSignOut.AuthError.rethrowing { throw Thrown() }
            } catch {
                #expect(error == .runtime(.unexpected))
            }
            do {
                try await CognitoSignOut.AuthError.rethrowing { () async throws -> Void in throw Thrown() }
            } catch {
                #expect(error.code == .interrupted && !"\(error)".contains("SECRET"))
            }
            do {
                try CognitoSignOut.AdoptError.rethrowing { throw Thrown() }
            } catch {
                #expect(error == .invalid(.unexpected))
            }
        }

        @Test func aConfigurationFileThatIsMissingSaysWhereToAddIt() {
            do {
                _ = try CognitoSignOut.AuthConfiguration(amplifyResource: "nothing_here")
                Issue.record("no error")
            } catch {
                #expect(name(error) == "invalid_input" && error.code == .invalidInput)
                #expect(error.errorDescription == "nothing_here.json: is not among the app's resources")
                #expect(error.recoverySuggestion.hasPrefix("Add nothing_here.json to the app's target"))
            }
        }

        @Test func aConfigurationFileThatIsNotTextSaysSo() throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cognito-signout-\(UUID()).bundle")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try Data([0xFF, 0xFE, 0xFF]).write(to: folder.appendingPathComponent("amplify_outputs.json"))
            let bundle = try #require(Bundle(url: folder))
            do {
                _ = try CognitoSignOut.AuthConfiguration(in: bundle)
                Issue.record("no error")
            } catch {
                #expect(error.errorDescription == "amplify_outputs.json: must be readable, in UTF-8")
            }
        }

        /// Crash reporters sort errors by domain and code.
        @Test func asAnNSErrorEachCodeHasANumberAndItsWord() {
            let timedOut = SignOutError(code: .timedOut, message: "", recovery: "")
            let locked = SignOutError(code: .vaultLocked, message: "", recovery: "")
            let errors: [any CustomNSError] = [
                timedOut, CognitoSignOut.AuthError.service(timedOut), CognitoSignOut.AdoptError.store(timedOut),
                CognitoSignOut.RevokeTokenError(refreshToken: .init("t"), error: timedOut),
                CognitoSignOut.GlobalSignOutError(accessToken: .init("t"), error: timedOut),
                CognitoSignOut.HostedUIError(url: nil, error: timedOut), CognitoSignOut.AppStepError(name: "s", error: timedOut),
            ]
            for error in errors {
                #expect(error._code == timedOut.errorCode && error.errorUserInfo["code"] as? String == "timed_out")
            }
            #expect(Set(errors.map { type(of: $0).errorDomain }).count == errors.count)
            #expect(locked.errorCode != timedOut.errorCode)
            // It never changes, and no two codes share one.
            #expect(timedOut.errorCode == 80_764_035)
        }
    }
}

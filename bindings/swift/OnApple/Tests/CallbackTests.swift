import AuthenticationServices
import CognitoSignOut
import Testing

/// The redirect that ends the page: the app's scheme, or one of its web addresses.
extension Everything {
    @Suite struct CallbackTests {
        private static let https = URL(string: "https://example.com/signed-out")!

        @Test func anHTTPSCallbackEndsTheSessionOfTheFirstSignOutURIThatItFits() async throws {
            guard #available(iOS 17.4, macOS 14.4, *) else { return }
            let safari = try await Safari(.goesOn(), signOutURI: Self.https)
            TheUser.associatedHosts = ["example.com"]
            let uris: [HostedUI.SignOutURI] = ["myapp://signed-out", "https://example.com/other", "https://example.com/signed-out"]
            let app = try await App(safari, callback: .https(host: "example.com", path: "/signed-out"), signOutURIs: uris)
            #expect(await app.auth.signOut() == .complete)
            #expect(try await !safari.isSignedIn)
            let page = try await safari.page()
            #expect(page.callback.host == "example.com" && page.callback.scheme == nil)
        }

        @Test(arguments: ["signed-out", "/signed-out"])
        func thePathNeedsNoSlash(_ path: String) {
            guard #available(iOS 17.4, macOS 14.4, *) else { return }
            let browser = WebAuthenticationBrowser(callback: .https(host: "example.com", path: path))
            #expect(browser.redirects == ["https://example.com/signed-out"])
        }

        @Test(arguments: ["https://example.com/elsewhere", "https://example.org/signed-out", "myapp://signed-out"])
        func anHTTPSCallbackThatNothingCanComeBackByShowsNoPageAndSaysSo(_ uri: String) async throws {
            guard #available(iOS 17.4, macOS 14.4, *) else { return }
            let safari = try await Safari(.goesOn())
            let app = try await App(
                safari, callback: .https(host: "example.com", path: "/signed-out"),
                signOutURIs: [HostedUI.SignOutURI(uri)]
            )
            guard case let .failed(error) = await app.auth.signOut() else { return _ = Issue.record("not failed") }
            #expect(error.code == .hostedUIUnavailable)
            #expect(error.message.contains("https://example.com/signed-out") && error.message.contains(uri))
            #expect(safari.pages.now.isEmpty)
        }

        /// The system reports it with the code of a user who has cancelled, and a reason.
        @Test func anAppThatIsNotAssociatedWithTheHostIsNotAUserWhoCancels() async throws {
            guard #available(iOS 17.4, macOS 14.4, *) else { return }
            let safari = try await Safari(.goesOn(), signOutURI: Self.https)
            let app = try await App(
                safari, callback: .https(host: "example.com", path: "/signed-out"),
                signOutURIs: ["https://example.com/signed-out"]
            )
            guard case let .failed(error) = await app.auth.signOut() else { return _ = Issue.record("not failed") }
            #expect(error.code == .hostedUIUnavailable)
            #expect(error.message.contains("not associated with domain example.com"))
            #expect(name(await app.auth.session()) == "signed_in")
        }

        @Test func theUserIsLeftAtAProvidersLastPageAfterAnHTTPSCallbackToo() async throws {
            guard #available(iOS 17.4, macOS 14.4, *) else { return }
            let safari = try await Safari(.goesOn(), signOutURI: Self.https)
            TheUser.associatedHosts = ["example.com"]
            let app = try await App(
                safari, callback: .https(host: "example.com", path: "/signed-out"),
                signOutURIs: ["https://example.com/signed-out"], through: ("Google", .google)
            )
            #expect(await app.auth.signOut() == .complete)
            let goodbye = try await safari.page(2)
            #expect(goodbye.url.host == "accounts.google.com")
            goodbye.cancel()
        }
    }
}

import AuthenticationServices
import CognitoSignOut
import Testing

/// The window that the pages of one call are shown over, and what the system asks and refuses.
extension Everything {
    @Suite struct WindowTests {
        @Test func eachCallHasItsWindow() async throws {
            let safari = try await Safari(.cancels)
            let app = try await App(safari)
            let (one, other, key) = await windows()
            _ = await app.auth.signOut(presentingOver: one)
            _ = await app.auth.signOutWithReport(presentingOver: other)
            _ = await app.auth.signOut()
            let partial = await app.auth.signOutWithReport(options: .init(webPolicy: .bestEffort), presentingOver: other)
            _ = await app.auth.retry(partial, presentingOver: one)
            #expect(safari.pages.now.map { $0.anchor === one } == [true, false, false, false, true])
            #expect(safari.pages.now.map { $0.anchor === other } == [false, true, false, true, false])
            #expect(safari.pages.now[2].anchor === key)
        }

        @Test func callsThatJoinAreShownOverTheWindowOfTheFirst() async throws {
            let safari = try await Safari(.reads)
            let app = try await App(safari)
            let (one, other, _) = await windows()
            let first = Task { await app.auth.signOut(presentingOver: one) }
            let page = try await safari.page()
            let second = Task { await app.auth.signOut(presentingOver: other) }
            #expect(page.anchor === one)
            safari.goOn(page)
            #expect(await first.value == .complete)
            #expect(await second.value == .complete)
            #expect(safari.pages.now.count == 1)
        }

        @Test func aProvidersLastPageIsShownOverTheWindowOfTheCallThatHasEnded() async throws {
            let safari = try await Safari(.goesOn())
            let app = try await App(safari, through: ("Google", .google))
            let (one, _, _) = await windows()
            #expect(await app.auth.signOut(presentingOver: one) == .complete)
            let goodbye = try await safari.page(2)
            #expect(goodbye.anchor === one)
            goodbye.cancel()
        }

        /// The windows of three scenes side by side. The last one is the app's key window.
        @MainActor private func windows() -> (UIWindow, UIWindow, UIWindow) {
            let scenes = (1 ... 3).map { _ in UIWindowScene(.foregroundActive) }
            App.shows(scenes[0], scenes[1], scenes[2])
            return (scenes[0].windows[0], scenes[1].windows[0], scenes[2].windows[0])
        }

        @Test func theSystemAsksOnceForEachPage() async throws {
            for (logout, questions) in [(nil, 1), (ProviderLogout.template(url: Self.provider), 2), (.google, 2)] {
                let safari = try await Safari(.goesOn(elsewhere: Self.comesBack))
                let app = try await App(safari, through: logout.map { ("Provider", $0) })
                #expect(await app.auth.signOut() == .complete)
                try await eventually { TheUser.questions == questions }
            }
            let safari = try await Safari(.goesOn())
            let app = try await App(safari)
            #expect(await app.auth.signOut(options: .init(webPolicy: .skip)) == .complete)
            #expect(TheUser.questions == 0)
        }

        private static let provider = "https://id.example.com/logout?to={redirect}&state={state}"

        private static let comesBack: @Sendable (ShownPage) -> Void = { page in
            let query = URLComponents(url: page.url, resolvingAgainstBaseURL: false)?.queryItems
            guard let state = query?.first(where: { $0.name == "state" })?.value else { return }
            page.redirect(to: URL(string: "\(signedOut)?state=\(state)")!)
        }

        /// A user who has let the first page through, and then thinks better of it.
        @Test func aUserWhoDeclinesTheSecondQuestionIsSignedOutAndTheProvidersSessionMayPersist() async throws {
            let safari = try await Safari(.goesOn { $0.cancel() })
            let app = try await App(safari, through: ("Okta", .template(url: Self.provider)))
            let outcome = await app.auth.signOutWithReport(options: .init(webPolicy: .bestEffort))
            #expect(outcome.signedOutLocally)
            #expect(outcome.report.browserSessions.map(\.state).last == .mayPersist)
            #expect(name(await app.auth.session()) == "signed_out")
        }

        @Test func aPageThatNeverAppearsEndsByTheDeadlineAndNothingHasChanged() async throws {
            let safari = try await Safari(.goesOn())
            TheUser.seesPagesOverEmptyWindows = false
            let app = try await App(safari, over: .anEmptyWindow)
            guard case let .failed(error) = await app.auth.signOut(options: .init(browserDeadline: 0.3)) else {
                return _ = Issue.record("not failed")
            }
            #expect(error.code == .hostedUITimedOut)
            #expect(name(await app.auth.session()) == "signed_in")
            #expect(TheUser.crashes == 0)
        }

        /// The window has no scene that would say so.
        @Test func inTheBackgroundAPageCannotBeShownOverAnEmptyWindowEither() async throws {
            let safari = try await Safari(.goesOn())
            await App.shows(UIWindowScene(.background))
            let browser = WebAuthenticationBrowser(callback: .scheme("myapp")) { UIWindow() }
            await #expect {
                try await browser.open(safari.fake.url, redirect: signedOut.absoluteString)
            } throws: { error in
                guard case let .unavailable(why)? = error as? BrowserError else { return false }
                return why.contains("not on screen")
            }
        }
    }
}

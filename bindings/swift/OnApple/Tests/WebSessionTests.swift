import AuthenticationServices
import CognitoSignOut
import Testing

/// The system's web session with the user pool's own pages.
extension Everything {
    @Suite struct WebSessionTests {
        @Test func aSignOutEndsTheBrowsersSessionAndThenTheApps() async throws {
            let safari = try await Safari(.goesOn())
            let app = try await App(safari)
            #expect(try await safari.isSignedIn)
            let outcome = await app.auth.signOutWithReport()
            #expect(outcome.result == .complete)
            #expect(outcome.report.steps.web == .done)
            #expect(try await !safari.isSignedIn)
            #expect(try await safari.fake.operations().suffix(2) == ["HostedLogout", "RevokeToken"])
            let page = try #require(safari.pages.now.first)
            #expect(safari.pages.now.count == 1)
            #expect(page.callback.scheme == "myapp", "of two sign-out URIs, the one that it can come back by")
            #expect(!page.isEphemeral && !page.isOpen)
            #expect(page.anchor === app.window)
        }

        @Test func aUserWhoCancelsStaysSignedInIfTheWebStepIsRequired() async throws {
            let safari = try await Safari(.cancels)
            let app = try await App(safari)
            guard case let .failed(error) = await app.auth.signOut() else { return _ = Issue.record("not failed") }
            #expect(error.code == .hostedUICancelled)
            #expect(name(await app.auth.session()) == "signed_in")
            #expect(try await safari.isSignedIn)
            #expect(try await safari.fake.liveSessions(of: "ana") == 1)
        }

        @Test func aUserWhoCancelsIsSignedOutOfTheAppIfTheWebStepIsBestEffort() async throws {
            let safari = try await Safari(.cancels)
            let app = try await App(safari)
            guard case let .partial(revokeTokenError, globalSignOutError, hostedUIError) = await app.auth.signOut(
                options: .init(webPolicy: .bestEffort)
            ) else { return _ = Issue.record("not partial") }
            #expect(revokeTokenError == nil && globalSignOutError == nil)
            #expect(hostedUIError?.error.code == .hostedUICancelled)
            #expect(hostedUIError?.url == safari.pages.now.first?.url)
            #expect(name(await app.auth.session()) == "signed_out")
            #expect(try await safari.isSignedIn)
            #expect(try await safari.fake.liveSessions(of: "ana") == 0)
        }

        @Test func aSessionThatDoesNotStartMeansNoBrowser() async throws {
            let safari = try await Safari(.cannotBeAsked)
            let app = try await App(safari)
            guard case let .failed(error) = await app.auth.signOut() else { return _ = Issue.record("not failed") }
            #expect(error.code == .hostedUIUnavailable)
            #expect(name(await app.auth.session()) == "signed_in")
        }

        @Test(arguments: [
            (ASWebAuthenticationSessionError.Code.presentationContextInvalid, "not on screen"),
            (.presentationContextNotProvided, "no window"),
        ])
        func aSessionThatHasNoWindowSaysSo(_ code: ASWebAuthenticationSessionError.Code, _ words: String) async throws {
            let safari = try await Safari(.reads)
            let app = try await App(safari)
            async let outcome = app.auth.signOutWithReport()
            try await safari.page().fail(code)
            guard case let .failed(error) = await outcome.result else { return _ = Issue.record("not failed") }
            #expect(error.code == .hostedUIUnavailable)
            #expect(error.message.contains(words))
        }

        @Test func aPageThatNobodyWaitsForIsClosedAndItsCallbackIsIgnored() async throws {
            for hears in [false, true] {
                let safari = try await Safari(.reads)
                TheUser.appHearsOfItsOwnCancel = hears
                let app = try await App(safari)
                let outcome = await app.auth.signOutWithReport(options: .init(webPolicy: .bestEffort, browserDeadline: 0.2))
                #expect(App.web(outcome) == "failed:hosted_ui_timed_out")
                let page = try await safari.page()
                try await eventually { !page.isOpen }
                page.redirectTooLate(to: signedOut)
                page.redirectTooLate(to: signedOut)
                #expect(name(await app.auth.session()) == "signed_out")
                #expect(await app.auth.signOutWithReport().report.steps.commit.description == "skipped:no_session")
                #expect(safari.pages.now.count == 1)
            }
        }

        @Test(arguments: [App.Anchor.none, .theWindow, .anEmptyWindow])
        func theProvidersPageFollowsTheUserPools(_ anchor: App.Anchor) async throws {
            let safari = try await Safari(.goesOn { page in
                let query = URLComponents(url: page.url, resolvingAgainstBaseURL: false)?.queryItems
                let state = query?.first { $0.name == "state" }?.value ?? ""
                page.redirect(to: URL(string: "\(signedOut)?state=\(state)")!)
            })
            let logout = ProviderLogout.template(url: "https://id.example.com/logout?to={redirect}&state={state}")
            let app = try await App(safari, over: anchor, through: ("Okta", logout))
            let outcome = await app.auth.signOutWithReport(options: .init(browserDeadline: 10))
            #expect(outcome.result == .complete)
            #expect(safari.pages.now.map(\.url.host) == [safari.fake.url.host, "id.example.com"])
            #expect(outcome.report.browserSessions.map(\.state) == [.ended, .mayPersist], "a provider's end cannot be seen")
            #expect(try await !safari.isSignedIn)
        }

        @Test func theUserIsLeftAtAPageThatDoesNotComeBack() async throws {
            let safari = try await Safari(.goesOn())
            let app = try await App(safari, through: ("Google", .google))
            let outcome = await app.auth.signOutWithReport()
            #expect(outcome.result == .complete)
            let goodbye = try await safari.page(2)
            #expect(goodbye.url.host == "accounts.google.com")
            #expect(goodbye.isOpen, "the sign-out has not waited for it, nor closed it")
            goodbye.cancel()
        }

        /// Like the system's question to the user, in the moment of the answer.
        @Test(arguments: [App.Anchor.none, .theWindow])
        func aPageWaitsForTheAppsOwnThatIsLeavingTheScreen(_ anchor: App.Anchor) async throws {
            let safari = try await Safari(.goesOn())
            let app = try await App(safari, over: anchor)
            await MainActor.run {
                let question = UIViewController()
                app.window.rootViewController?.present(question)
                question.dismiss()
            }
            #expect(await app.auth.signOut(options: .init(browserDeadline: 10)) == .complete)
        }

        @Test func whatTheAppItselfShowsUnderThePageIsNotWaitedFor() async throws {
            let safari = try await Safari(.goesOn())
            let app = try await App(safari)
            TheUser.meanwhile { app.window.rootViewController?.present(UIViewController()) }
            #expect(await app.auth.signOut(options: .init(browserDeadline: 2)) == .complete)
        }

        @Test func withoutAnAnchorAPageIsShownOverTheKeyWindowOfTheSceneThatIsActive() async throws {
            for state in [UIScene.ActivationState.foregroundActive, .foregroundInactive] {
                let safari = try await Safari(.cancels)
                let key = await MainActor.run {
                    let (there, here) = (UIWindowScene(.background), UIWindowScene(state))
                    _ = UIWindow(windowScene: here)
                    App.shows(there, UIWindowScene(.unattached), here)
                    return here.keyWindow
                }
                let browser = WebAuthenticationBrowser(callback: .scheme("myapp"))
                await #expect(throws: BrowserError.cancelled) {
                    try await browser.open(safari.fake.url, redirect: signedOut.absoluteString)
                }
                #expect(key != nil && safari.pages.now.map { $0.anchor === key } == [true], "\(state)")
            }
        }

        @Test func ofActiveScenesSideBySideAPageIsShownOverTheOneThatHasTheAppsKeyWindow() async throws {
            // Repeated, because a set has no order: a wrong choice could be right once by luck.
            for inUse in [0, 1, 0, 1, 0, 1] {
                let safari = try await Safari(.cancels)
                let key = await MainActor.run {
                    let scenes = [UIWindowScene(.foregroundActive), UIWindowScene(.foregroundActive)]
                    App.shows(
                        UIWindowScene(.foregroundActive, .windowExternalDisplayNonInteractive), scenes[0], scenes[1]
                    )
                    scenes[inUse].keyWindow?.makeKeyAndVisible()
                    return scenes[inUse].keyWindow
                }
                let browser = WebAuthenticationBrowser(callback: .scheme("myapp"))
                await #expect(throws: BrowserError.cancelled) {
                    try await browser.open(safari.fake.url, redirect: signedOut.absoluteString)
                }
                #expect(key != nil && safari.pages.now.map { $0.anchor === key } == [true])
            }
        }

        @Test func noPageIsShownOnAnExternalDisplay() async throws {
            for state in [UIScene.ActivationState.foregroundActive, .foregroundInactive] {
                let safari = try await Safari(.cancels)
                let window = await MainActor.run {
                    App.shows(
                        UIWindowScene(state), UIWindowScene(.foregroundActive, .windowExternalDisplayNonInteractive)
                    )
                }
                let browser = WebAuthenticationBrowser(callback: .scheme("myapp"))
                await #expect(throws: BrowserError.cancelled) {
                    try await browser.open(safari.fake.url, redirect: signedOut.absoluteString)
                }
                #expect(safari.pages.now.map { $0.anchor === window } == [true], "\(state)")
            }
        }

        @Test func theAnchorIsAskedOnceForEachPage() async throws {
            let safari = try await Safari(.cancels)
            let asked = Shared<[UIWindow]>([])
            let browser = WebAuthenticationBrowser(callback: .scheme("myapp")) {
                let window = UIWindow()
                asked.with { $0.append(window) }
                return window
            }
            for count in 1 ... 2 {
                await #expect(throws: BrowserError.cancelled) {
                    try await browser.open(safari.fake.url, redirect: signedOut.absoluteString)
                }
                #expect(asked.now.count == count)
                #expect(try await safari.page(count).anchor === asked.now.last)
            }
        }

        enum NoWindow: CaseIterable { case inTheBackground, inAnExtension, ofTheApps }

        @Test(arguments: NoWindow.allCases)
        func withoutAWindowNothingIsShownAndNobodyIsSignedOut(_ why: NoWindow) async throws {
            let safari = try await Safari(.goesOn())
            let window = await App.shows(UIWindowScene(why == .inTheBackground ? .background : .foregroundActive))
            if why == .inAnExtension { await MainActor.run { UIApplication.running = nil } }
            let browser = why == .ofTheApps
                ? WebAuthenticationBrowser(callback: .scheme("myapp")) { nil }
                : WebAuthenticationBrowser(callback: .scheme("myapp"))
            let app = try await App(safari, browser, over: window)
            let result = await app.auth.signOut(options: .init(browserDeadline: 5))
            guard case let .failed(error) = result else { return _ = Issue.record("not failed") }
            #expect(error.code == .hostedUIUnavailable)
            #expect(error.message.contains("no window") && error.message.contains("`anchor`"))
            #expect(safari.pages.now.isEmpty)
            #expect(name(await app.auth.session()) == "signed_in")
        }

        @Test func aSessionThatDoesNotStartSaysWhatTheSystemSays() async throws {
            let safari = try await Safari(.goesOn())
            let window = await App.shows(UIWindowScene(.background))
            let browser = WebAuthenticationBrowser(callback: .scheme("myapp")) { window }
            let app = try await App(safari, browser, over: window)
            guard case let .failed(error) = await app.auth.signOut() else { return _ = Issue.record("not failed") }
            #expect(error.code == .hostedUIUnavailable)
            #expect(error.message.contains("not on screen"))
        }

        @Test func aBrowserThatThrowsCancellationHasBeenCancelled() async throws {
            struct Cancelling: SignOutBrowser {
                func open(_: URL, redirect _: String) async throws -> URL { throw CancellationError() }
            }
            let safari = try await Safari(.reads)
            let configuration = try safari.fake.configuration {
                $0.hostedUI = HostedUI(domain: safari.fake.url.absoluteString, signOutURIs: App.signOutURIs)
            }
            let auth = try Auth(configuration: configuration, storage: .memory, browser: Cancelling())
            try await auth.storeSession(safari.fake.signIn("ana"), signedInWith: .hostedUI)
            guard case let .failed(error) = await auth.signOut() else { return _ = Issue.record("not failed") }
            #expect(error.code == .hostedUICancelled)
        }

        /// A container of an app, without an actor.
        private enum Container {
            static let browser = WebAuthenticationBrowser(callback: .scheme("myapp")) { nil }
        }

        /// An actor of an app, not the main actor.
        private actor Account {
            let browser: any SignOutBrowser
            init() { browser = WebAuthenticationBrowser(callback: .scheme("myapp")) }
        }

        @Test func aBrowserIsMadeOnAnyThread() {
            #expect(Container.browser.redirects == ["myapp"])
            #expect(Account().browser.redirects == ["myapp"])
        }

        @Test func theAnswerComesWhenThePageIsGoneAndTheSystemsSessionLivesUntilThen() async throws {
            for habit in [Safari.Habit.goesOn(), .cancels] {
                let safari = try await Safari(habit)
                let app = try await App(safari)
                _ = await app.auth.signOut()
                #expect(try await !safari.page().isClosing)
                #expect(TheUser.crashes == 0)
            }
        }

        @Test(arguments: [App.Anchor.theWindow, .anEmptyWindow])
        func theSystemsSessionOutlivesATaskThatIsCancelled(_ anchor: App.Anchor) async throws {
            let safari = try await Safari(.reads)
            let app = try await App(safari, over: anchor)
            _ = await app.auth.signOut(options: .init(webPolicy: .bestEffort, browserDeadline: 0.1))
            let page = try await safari.page()
            try await eventually { !page.isOpen && !page.isClosing }
            #expect(TheUser.crashes == 0)
        }

        @Test(arguments: [
            ("myapp://", App.signOutURIs, nil, "https"),
            ("other", App.signOutURIs, nil, "https"),
            ("https", App.signOutURIs, nil, "https"),
            ("myapp", ["https://example.com/signed-out"], nil, "https"),
            ("myapp", App.signOutURIs, "https://example.com/signed-out", "https"),
            ("my app", ["other://signed-out"], nil, "other"),
        ] as [(String, [HostedUI.SignOutURI], String?, String)])
        func aSchemeThatNothingCanComeBackByShowsNoPageAndSaysSo(
            _ callbackScheme: String, _ uris: [HostedUI.SignOutURI], _ uri: String?, _ scheme: String
        ) async throws {
            let safari = try await Safari(.goesOn())
            let app = try await App(safari, callback: .scheme(callbackScheme), signOutURIs: uris)
            let result = await app.auth.signOut(options: .init(signOutURI: uri, browserDeadline: 10))
            guard case let .failed(error) = result else { return _ = Issue.record("not failed") }
            #expect(error.code == .hostedUIUnavailable)
            #expect(error.message.contains("\"\(callbackScheme)\"") && error.message.contains("\"\(scheme)\""))
            #expect(safari.pages.now.isEmpty)
            #expect(name(await app.auth.session()) == "signed_in")
        }

        @Test func aPrivateSignInShowsNoPageAndTheSharedSessionIsNotReportedAsEnded() async throws {
            let safari = try await Safari(.goesOn())
            let app = try await App(safari, signedInWith: .hostedUIPrivate)
            let outcome = await app.auth.signOutWithReport()
            #expect(outcome.result == .complete)
            #expect(outcome.report.steps.web.description.hasPrefix("skipped:"))
            #expect(safari.pages.now.isEmpty)
            #expect(outcome.report.browserSessions.filter { $0.state == .ended }.isEmpty)
            #expect(try await safari.isSignedIn, "whose session is another")
        }

        @Test func cancellingTheCallerStopsNeitherThePageNorTheSignOut() async throws {
            let safari = try await Safari(.reads)
            let app = try await App(safari)
            let caller = Task { await app.auth.signOut() }
            let page = try await safari.page()
            caller.cancel()
            safari.goOn(page)
            #expect(await caller.value == .complete)
            #expect(try await !safari.isSignedIn)
        }

        @Test(.timeLimit(.minutes(1)), arguments: [false, true])
        func aTaskThatIsCancelledClosesItsPage(_ hears: Bool) async throws {
            let safari = try await Safari(.reads)
            TheUser.appHearsOfItsOwnCancel = hears
            let browser = WebAuthenticationBrowser(callback: .scheme("myapp"))
            let opening = Task { try await browser.open(safari.fake.url, redirect: signedOut.absoluteString) }
            let page = try await safari.page()
            #expect(page.isOpen)
            opening.cancel()
            await #expect(throws: CancellationError.self) { try await opening.value }
            try await eventually { !page.isOpen }
        }

        @Test func aTaskThatWasCancelledBeforeShowsNoPage() async throws {
            let safari = try await Safari(.reads)
            let browser = WebAuthenticationBrowser(callback: .scheme("myapp"))
            let wasCancelled = Shared(false)
            let opening = Task {
                while !Task.isCancelled { await Task.yield() }
                do {
                    _ = try await browser.open(safari.fake.url, redirect: signedOut.absoluteString)
                } catch is CancellationError {
                    wasCancelled.with { $0 = true }
                }
            }
            opening.cancel()
            try await eventually { wasCancelled.now }
            #expect(safari.pages.now.isEmpty)
        }
    }
}

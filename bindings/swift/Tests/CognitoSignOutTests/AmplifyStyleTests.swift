import CognitoSignOut
import Foundation
import Testing
#if canImport(Combine)
import Combine
#endif

/// Code from Amplify's own documentation. Only the names of types and of the called object are different. That it compiles is half of the
/// proof: no `try`, no `default`.
extension Everything {
    @Suite struct AmplifyStyleTests {
        @Test func aLocalSignOut() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            #expect(await signOutLocally(auth) == ["Local signout successful: true", "Signed out successfully"])
        }

        @Test func aGlobalSignOut() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            let tokens = try await fake.signIn("ana")
            try await auth.storeSession(tokens)
            try await fake.refuse("GlobalSignOut")
            try await fake.refuse("RevokeToken")
            let printed = await signOutGlobally(auth)
            #expect(printed.first == "Local signout successful: true")
            #expect(printed.count == 3)
            #expect(printed[1].hasPrefix("GlobalSignOut error  GlobalSignOutError(accessToken: <redacted>, error: refused: "))
            #expect(printed[2].hasPrefix("Revoke token error  RevokeTokenError(refreshToken: <redacted>, error: refused: "))
        }

        @Test func eachErrorHasItsTokenOrURLAndItsMessage() async throws {
            let fake = try await FakeCognito()
            let configuration = try fake.configuration {
                $0.hostedUI = HostedUI(domain: "auth.example.com", signOutURIs: ["myapp://signed-out"])
            }
            let auth = try Auth(
                configuration: configuration, storage: .memory, browser: TestBrowser(does: "cancelled", pages: Shared(0))
            )
            let tokens = try await fake.signIn("ana")
            try await auth.storeSession(tokens, signedInWith: .hostedUI)
            try await fake.refuse("GlobalSignOut")
            try await fake.refuse("RevokeToken")

            let result = await auth.signOut(options: .init(globalSignOut: true, webPolicy: .bestEffort))
            switch result {
            case .complete:
                Issue.record("complete")
            case let .partial(revokeTokenError, globalSignOutError, hostedUIError):
                if let revokeTokenError = revokeTokenError {
                    #expect(revokeTokenError.refreshToken == tokens.refreshToken)
                    #expect(revokeTokenError.error.errorDescription == revokeTokenError.error.message)
                    #expect(revokeTokenError.error.recoverySuggestion.hasPrefix("The message names an operation and an exception."))
                } else {
                    Issue.record("no revoke error")
                }
                if let globalSignOutError = globalSignOutError {
                    #expect(globalSignOutError.accessToken == tokens.accessToken)
                    #expect(globalSignOutError.error.errorDescription == globalSignOutError.error.message)
                } else {
                    Issue.record("no global error")
                }
                if let hostedUIError = hostedUIError {
                    #expect(hostedUIError.url?.host == "auth.example.com")
                    #expect(hostedUIError.error.code == .hostedUICancelled)
                    #expect(hostedUIError.localizedDescription == hostedUIError.error.message)
                } else {
                    Issue.record("no hosted UI error")
                }
            case .failed(let error):
                Issue.record("\(error)")
            }
        }

        @Test func theTextsOfAnErrorAreStringsAndTheLocalizedOnesAreTheSame() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            try await fake.refuse("GlobalSignOut")
            try await fake.refuse("RevokeToken")
            var shown: [String] = []
            func showAlert(title: String, message: String) { shown.append("\(title) \(message)") }

            let result = await auth.signOut(options: .init(globalSignOut: true))
            guard case let .partial(revokeTokenError?, globalSignOutError?, _) = result else {
                return _ = Issue.record("\(result)")
            }
            showAlert(title: revokeTokenError.errorDescription, message: revokeTokenError.recoverySuggestion)
            showAlert(title: globalSignOutError.errorDescription, message: globalSignOutError.recoverySuggestion)
            showAlert(title: revokeTokenError.error.errorDescription, message: revokeTokenError.error.recoverySuggestion)
            do {
                _ = try await auth.tokens()
            } catch {
                showAlert(title: error.errorDescription, message: error.recoverySuggestion)
                try expectLocalized(error, to: shown[3])
            }
            #expect(shown.count == 4)
            try expectLocalized(revokeTokenError, to: shown[0])
            try expectLocalized(globalSignOutError, to: shown[1])
            try expectLocalized(revokeTokenError.error, to: shown[2])
        }

        private func expectLocalized(_ error: any LocalizedError, to say: String) throws {
            let (what, remedy) = try (#require(error.errorDescription), #require(error.recoverySuggestion))
            #expect("\(what) \(remedy)" == say)
            #expect((error as any Error).localizedDescription == what)
        }

        @Test func aFailedSignOutIsStillSignedIn() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"), signedInWith: .hostedUI)
            let printed = await signOutLocally(auth)
            #expect(printed.first == "Local signout successful: false")
            #expect(printed.last?.hasPrefix("SignOut failed with hosted_ui_not_configured: ") == true)
        }

        #if canImport(Combine)
        @Test func asAPublisher() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            let signedOut = AsyncStream<Bool>.makeStream()
            let cancellable = signOutWithCombine(auth) { signedOut.continuation.yield($0) }
            #expect(await signedOut.stream.first { _ in true } == true)
            cancellable.cancel()
        }

        @Test func aPublisherOfACallThatThrows() async throws {
            let auth = try await FakeCognito().app()
            let ended = AsyncStream<String>.makeStream()
            let cancellable = AuthPublisher.create { try await auth.tokens() }.sink(
                receiveCompletion: { completion in
                    if case let .failure(error) = completion, let error = error as? AuthError {
                        ended.continuation.yield(name(error))
                    }
                },
                receiveValue: { _ in ended.continuation.yield("tokens") }
            )
            #expect(await ended.stream.first { _ in true } == "signed_out")
            cancellable.cancel()
        }

        @Test @MainActor func aPublisherDeliversOnTheMainQueueIfItIsToldTo() async throws {
            let auth = try await FakeCognito().app()
            // Not the thread: on Linux, others run the main queue.
            let here = DispatchSpecificKey<Bool>()
            DispatchQueue.main.setSpecific(key: here, value: true)
            let onMain = AsyncStream<Bool>.makeStream()
            let cancellable = AuthPublisher.create { await auth.signOut() }
                .receive(on: DispatchQueue.main)
                .sink { _ in onMain.continuation.yield(DispatchQueue.getSpecific(key: here) == true) }
            let wasOnMain = await onMain.stream.first { @Sendable _ in true }
            #expect(wasOnMain == true)
            cancellable.cancel()
        }

        @Test func aPublisherCallsOnceForAllSubscribersAndACancelledOneReceivesNothing() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            try await fake.order(["do": "delay", "millis": 200])
            let (cancelled, received) = (Shared<[SignOutResult]>([]), Shared<[SignOutResult]>([]))
            let publisher: AnyPublisher<SignOutResult, Never> = AuthPublisher.create { await auth.signOut() }
            publisher.sink { result in cancelled.with { $0.append(result) } }.cancel()
            try await eventually { try await fake.liveSessions(of: "ana") == 0 }
            let subscriptions = (1 ... 2).map { _ in
                publisher.sink { result in received.with { $0.append(result) } }
            }
            try await eventually { received.now == [.complete, .complete] }
            #expect(cancelled.now.isEmpty)
            #expect(try await fake.operations() == ["RevokeToken"])
            withExtendedLifetime(subscriptions) {}
        }

        private func signOutWithCombine(_ auth: Auth, _ done: @escaping @Sendable (Bool) -> Void) -> AnyCancellable {
            AuthPublisher.create {
                await auth.signOut()
            }.sink(receiveValue: { result in
                print("Local signout successful: \(result.signedOutLocally)")
                switch result {
                case .complete:
                    print("SignOut completed")
                case .failed(let error):
                    print("SignOut failed with \(error)")
                case let .partial(revokeTokenError, globalSignOutError, hostedUIError):
                    print(revokeTokenError as Any, globalSignOutError as Any, hostedUIError as Any)
                }
                done(result.signedOutLocally)
            })
        }
        #endif

        private func signOutLocally(_ auth: Auth) async -> [String] {
            var printed: [String] = []
            func print(_ line: String) { printed.append(line) }

            let signOutResult = await auth.signOut()
            print("Local signout successful: \(signOutResult.signedOutLocally)")
            switch signOutResult {
            case .complete:
                // Sign Out completed fully and without errors.
                print("Signed out successfully")

            case let .partial(revokeTokenError, globalSignOutError, hostedUIError):
                // Sign Out completed with some errors. User is signed out of the device.
                if let hostedUIError = hostedUIError {
                    print("HostedUI error  \(String(describing: hostedUIError))")
                }
                if let globalSignOutError = globalSignOutError {
                    // Optional: Use escape hatch to retry revocation of globalSignOutError.accessToken.
                    print("GlobalSignOut error  \(String(describing: globalSignOutError))")
                }
                if let revokeTokenError = revokeTokenError {
                    // Optional: Use escape hatch to retry revocation of revokeTokenError.refreshToken.
                    print("Revoke token error  \(String(describing: revokeTokenError))")
                }

            case .failed(let error):
                // Sign Out failed with an exception, leaving the user signed in.
                print("SignOut failed with \(error)")
            }
            return printed
        }

        private func signOutGlobally(_ auth: Auth) async -> [String] {
            var printed: [String] = []
            func print(_ line: String) { printed.append(line) }

            let result = await auth.signOut(options: .init(globalSignOut: true))
            print("Local signout successful: \(result.signedOutLocally)")
            switch result {
            case .complete:
                print("Signed out successfully")
            case .partial(let revokeTokenError, let globalSignOutError, let hostedUIError):
                if let hostedUIError = hostedUIError {
                    print("HostedUI error  \(String(describing: hostedUIError))")
                }
                if let globalSignOutError = globalSignOutError {
                    print("GlobalSignOut error  \(String(describing: globalSignOutError))")
                }
                if let revokeTokenError = revokeTokenError {
                    print("Revoke token error  \(String(describing: revokeTokenError))")
                }
            case .failed(let error):
                print("SignOut failed with \(error)")
            }
            return printed
        }
    }
}

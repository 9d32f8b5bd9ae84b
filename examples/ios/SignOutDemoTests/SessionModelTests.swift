import CognitoSignOut
import CognitoSignOutTesting
import Testing
@testable import SignOutDemo

/// The view models without a server, a keychain or a browser.
@MainActor @Suite struct SessionModelTests {
    @Test func aUserWhoClosesThePageStaysSignedInAndSeesWhy() async {
        let client = FakeSignOutClient(.signedIn(Session(sub: "1", username: "ana")))
        client.answers.outcomes = [.failed(.hostedUICancelled)]
        let model = SessionModel(auth: client)
        await model.signOut(everywhere: false)
        #expect(model.session == client.state && model.session != .signedOut)
        #expect(model.outcome?.result.signedOutLocally == false)
        #expect(!model.busy)
    }

    @Test func aSignOutThatIsNotCompleteCanBeTriedAgain() async throws {
        let client = FakeSignOutClient(.signedIn(Session(sub: "1")))
        client.answers.outcomes = [.partial(globalSignOut: .networkUnavailable), .complete(everywhere: true)]
        let model = SessionModel(auth: client)
        await model.signOut(everywhere: true)
        #expect(model.session == .signedOut)
        let partial = try #require(model.outcome)
        await model.retry(partial)
        #expect(model.outcome?.result == .complete)
        #expect(client.calls.contains(.retry(partial)))
    }

    @Test func whatAnEarlierSignOutHasLeftIsShown() async {
        let client = FakeSignOutClient()
        client.answers.resumed = .success(ResumedSignOut(settled: [.complete(), .partial(), .partial(isKept: false)]))
        let model = SessionModel(auth: client)
        await model.resume()
        #expect(model.earlier.count == 1, "the kept one is tried again by itself")
    }

    @Test func theKeychainIsAskedAgainUntilItCanBeRead() async {
        let locked = SignOutError.example(.vaultLocked)
        let client = FakeSignOutClient(.unavailable(locked))
        client.answers.resumed = .failure(.vault(locked))
        let model = SessionModel(auth: client)
        await model.resume()
        #expect(model.session == .unavailable(locked), "which is not signed out")
        client.state = .signedOut
        client.answers.resumed = .success(ResumedSignOut())
        await model.resume()
        await model.resume()
        #expect(model.session == .signedOut)
        #expect(client.calls.filter { $0 == .resume }.count == 2)
    }

    @Test func theButtonsAreDisabledWhileACallIsInProgress() async throws {
        let (model, wasBusy) = (Box<SessionModel>(), Box<Bool>())
        let client = FakeSignOutClient(.signedIn(Session(sub: "1"))) { call in
            if case .signOut = call { await MainActor.run { wasBusy.value = model.value?.busy } }
        }
        model.value = SessionModel(auth: client)
        await model.value?.signOut(everywhere: false)
        #expect(wasBusy.value == true)
        #expect(model.value?.busy == false)
    }

    @Test func thePlaceOfADeviceIsShownAsFarAsItIsKnown() async {
        let client = FakeSignOutClient(.signedIn(Session(sub: "1")))
        client.answers.sessions = .success([
            UserSession(id: "a", device: "Firefox on Linux", city: "Porto", country: "Portugal", isCurrent: true),
            UserSession(id: "b", kind: .sso, device: "unknown", country: "unknown"),
        ])
        let model = DevicesModel(auth: client)
        await model.load()
        #expect(model.rows.map(\.title) == ["Firefox on Linux (this one)", "Unknown device: browser"])
        #expect(model.rows.map(\.detail) == ["Porto, Portugal", ""])
    }

    @Test func aListThatCannotBeReadIsExplainedToTheUser() async {
        let client = FakeSignOutClient(.signedIn(Session(sub: "1")))
        client.answers.sessions = .failure(.service(.example(.networkUnavailable)))
        let model = DevicesModel(auth: client)
        await model.load()
        #expect(model.message == "The server cannot be reached now. Try again later.")
    }
}

/// What a test shares with the client's calls.
@MainActor private final class Box<Value> {
    var value: Value?
}

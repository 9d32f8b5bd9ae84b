import CognitoSignOut
import Foundation

/// A ``SignOutClient`` without a server, for previews and for the tests of view models. It answers what it is told to answer: see
/// ``Answers``. A sign-out that is not failed also ends the session and sends the event, and a sign-in begins one, as in the library.
///
/// ```swift
/// let client = FakeSignOutClient(.signedIn(Session(sub: "1", username: "ana")))
/// client.answers.outcomes = [.failed(.hostedUICancelled), .complete()]
/// let model = SessionModel(auth: client)
/// ```
public final class FakeSignOutClient: SignOutClient, @unchecked Sendable {
    /// One call of the code under test.
    public enum Call: Sendable, Hashable {
        /// `session`.
        case session
        /// `storeSession`.
        case storeSession(Tokens, SignedInWith)
        /// `tokens`.
        case tokens
        /// `verify`.
        case verify
        /// `resume`.
        case resume
        /// `signOut` or `signOutWithReport`.
        case signOut(SignOutOptions)
        /// `retry`.
        case retry(SignOutOutcome)
        /// `sessions`.
        case sessions
        /// `endSession`.
        case endSession(String, linked: Bool)
        /// `signOutOthers`.
        case signOutOthers
        /// `retryOthers`.
        case retryOthers(PartialSignOutOthers)
    }

    /// What the next calls return.
    public struct Answers: Sendable {
        /// The outcomes of the next sign-outs and retries, in order. When none is left, they are complete.
        public var outcomes: [SignOutOutcome] = []
        /// The result of `resume`.
        public var resumed: Result<ResumedSignOut, AuthError> = .success(ResumedSignOut())
        /// The user of a session that `storeSession` stores, or what it throws.
        public var user: Result<(sub: String, username: String?), AuthError> = .success(("sub", "ana"))
        /// The result of `tokens` for a user who is signed in.
        public var tokens: Result<Tokens, AuthError> = .success(
            Tokens(accessToken: "access-token", idToken: "id-token", refreshToken: "refresh-token")
        )
        /// The result of `verify`.
        public var verification = Verification.alive
        /// The result of `sessions`.
        public var sessions: Result<[UserSession], AuthError> = .success([])
        /// What `endSession` throws.
        public var endSessionError: AuthError?
        /// The results of the next `signOutOthers` and `retryOthers`, in order. When none is left, they are complete.
        public var others: [SignOutOthersResult] = []
    }

    private let lock = NSLock()
    private let onCall: @Sendable (Call) async -> Void
    // The lock guards all of these.
    private var now: SessionState
    private var next = Answers()
    private var made: [Call] = []
    private var listeners: [UUID: AsyncStream<AuthEvent>.Continuation] = [:]
    private var followers: [UUID: AsyncStream<SessionState>.Continuation] = [:]

    /// A client of a device in this state.
    ///
    /// - Parameters:
    ///   - state: who is signed in.
    ///   - onCall: runs in each call, before it answers: for example, to look at a view model while it waits.
    public init(_ state: SessionState = .signedOut, onCall: @escaping @Sendable (Call) async -> Void = { _ in }) {
        now = state
        self.onCall = onCall
    }

    deinit {
        for listener in listeners.values { listener.finish() }
        for follower in followers.values { follower.finish() }
    }

    /// Who is signed in. A change of it is sent to ``sessionStates``, and no event is.
    public var state: SessionState {
        get { lock.withLock { now } }
        set {
            let followers = lock.withLock { () -> [AsyncStream<SessionState>.Continuation] in
                now = newValue
                return Array(self.followers.values)
            }
            for follower in followers { follower.yield(newValue) }
        }
    }

    /// What the next calls return.
    public var answers: Answers {
        get { lock.withLock { next } }
        set { lock.withLock { next = newValue } }
    }

    /// The calls so far, in order.
    public var calls: [Call] { lock.withLock { made } }

    /// Sends an event to all who listen.
    public func send(_ event: AuthEvent) {
        for listener in lock.withLock({ Array(listeners.values) }) { listener.yield(event) }
    }

    public var events: AsyncStream<AuthEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: AuthEvent.self)
        let id = UUID()
        lock.withLock { listeners[id] = continuation }
        continuation.onTermination = { [weak self] _ in
            self?.lock.withLock { _ = self?.listeners.removeValue(forKey: id) }
        }
        return stream
    }

    public var sessionStates: AsyncStream<SessionState> {
        let (stream, continuation) = AsyncStream.makeStream(of: SessionState.self, bufferingPolicy: .bufferingNewest(1))
        let id = UUID()
        lock.withLock {
            followers[id] = continuation
            continuation.yield(now)
        }
        continuation.onTermination = { [weak self] _ in
            self?.lock.withLock { _ = self?.followers.removeValue(forKey: id) }
        }
        return stream
    }

    public func session() async -> SessionState {
        await called(.session)
        return state
    }

    public func storeSession(_ tokens: Tokens, signedInWith: SignedInWith) async throws(AuthError) {
        await called(.storeSession(tokens, signedInWith))
        let user = try answers.user.get()
        state = .signedIn(Session(sub: user.sub, username: user.username, signedInWith: signedInWith))
        send(.signedIn)
    }

    public func tokens() async throws(AuthError) -> Tokens {
        await called(.tokens)
        switch state {
        case .signedIn: return try answers.tokens.get()
        case .signedOut: throw .signedOut(.example(.signedOut))
        case let .unavailable(error): throw .vault(error)
        }
    }

    public func verify() async -> Verification {
        await called(.verify)
        return answers.verification
    }

    public func resume() async throws(AuthError) -> ResumedSignOut {
        await called(.resume)
        return try answers.resumed.get()
    }

    public func signOut(options: SignOutOptions) async -> SignOutResult {
        await signOutWithReport(options: options).result
    }

    public func signOutWithReport(options: SignOutOptions) async -> SignOutOutcome {
        await called(.signOut(options))
        let outcome = nextOutcome(everywhere: options.globalSignOut)
        if outcome.signedOutLocally, case .signedIn = state {
            state = .signedOut
            send(.signedOut(options.globalSignOut ? .global : .local, appReason: options.reason))
        }
        return outcome
    }

    public func retry(_ outcome: SignOutOutcome) async -> SignOutOutcome {
        await called(.retry(outcome))
        return nextOutcome(everywhere: false)
    }

    public func sessions() async throws(AuthError) -> [UserSession] {
        await called(.sessions)
        return try answers.sessions.get()
    }

    public func endSession(_ id: String, linked: Bool) async throws(AuthError) {
        await called(.endSession(id, linked: linked))
        if let error = answers.endSessionError { throw error }
    }

    public func signOutOthers() async -> SignOutOthersResult {
        await called(.signOutOthers)
        return nextOfOthers()
    }

    public func retryOthers(_ partial: PartialSignOutOthers) async -> SignOutOthersResult {
        await called(.retryOthers(partial))
        return nextOfOthers()
    }

    private func called(_ call: Call) async {
        lock.withLock { made.append(call) }
        await onCall(call)
    }

    private func nextOutcome(everywhere: Bool) -> SignOutOutcome {
        lock.withLock { next.outcomes.isEmpty ? .complete(everywhere: everywhere) : next.outcomes.removeFirst() }
    }

    private func nextOfOthers() -> SignOutOthersResult {
        lock.withLock { next.others.isEmpty ? .complete([]) : next.others.removeFirst() }
    }
}

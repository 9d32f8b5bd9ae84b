internal import CognitoSignOutCore

extension Auth {
    /// The session's state: the present one first, then each change of it: a sign-in, a sign-out by this process or another one, a
    /// refresh by this process, a session that has expired. No change is missed between asking and listening. Each use of this
    /// property is a separate stream, which ends with this object.
    ///
    /// A stream that is not read keeps only the newest state. What another process does is noticed at the next call that reads the
    /// record: see ``refreshState()``.
    ///
    /// ```swift
    /// for await state in auth.sessionStates {
    ///     if case .signedOut = state { showSignIn() }
    /// }
    /// ```
    public var sessionStates: AsyncStream<SessionState> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: SessionState.self, bufferingPolicy: .bufferingNewest(1)
        )
        let subscription = core.subscribeStates(listener: StateForwarder(continuation), returnsAtOnce: true)
        continuation.onTermination = { _ in subscription.cancel() }
        return stream
    }

    /// Notices what another process or an extension of the app has done to the record, for example that it has signed out. Then the
    /// event ``AuthEvent/signedOut(_:appReason:)`` is sent once, with the reason ``AuthEvent/Reason/elsewhere``, and what runs in
    /// ``withSession(_:)`` is cancelled. Nothing else happens. Call it when the app comes to the front. On Apple's systems a process
    /// that signs out also prompts the running ones to do this.
    ///
    /// - Throws: ``AuthError/vault(_:)``: call again later.
    public func refreshState() async throws(AuthError) {
        try await AuthError.rethrowing { try await self.core.refreshState() }
    }

    /// Runs work that belongs to the user who is signed in, such as requests and subscriptions. Its task is cancelled in the instant
    /// in which the session ends: at the commit of a sign-out, when another session takes its place, at ``clearLocal()`` and
    /// ``purgeLocal()``, or when another process is found to have signed out.
    ///
    /// ```swift
    /// try await auth.withSession {
    ///     for try await message in messages() { show(message) }
    /// }
    /// ```
    ///
    /// - Returns: what `work` returns.
    /// - Throws: ``AuthError/signedOut(_:)`` if nobody is signed in, or if the session has ended and `work` threw;
    ///   ``AuthError/vault(_:)``; otherwise what `work` throws.
    public func withSession<T: Sendable>(_ work: @escaping @Sendable () async throws -> T) async throws -> T {
        let scope = try await AuthError.rethrowing { try await self.core.sessionScope() }
        let task = Task { try await work() }
        // The only waiter: its task ends when the session has ended, or when the work has.
        let watch = Task { () -> SignOutError? in
            let problem = await scope.ended()
            if problem != nil { task.cancel() }
            return problem.map { SignOutError($0) }
        }
        return try await withTaskCancellationHandler {
            let result = await task.result
            scope.leave()
            let ended = await watch.value
            if case .failure = result, let ended { throw AuthError.signedOut(ended) }
            return try result.get()
        } onCancel: {
            task.cancel()
        }
    }

    /// The same in a task of its own, which the caller may cancel.
    ///
    /// ```swift
    /// let polling = auth.sessionTask { try await poll() }
    /// ```
    @discardableResult
    public func sessionTask<T: Sendable>(
        priority: TaskPriority? = nil, _ work: @escaping @Sendable () async throws -> T
    ) -> Task<T, any Error> {
        Task(priority: priority) { try await self.withSession(work) }
    }
}

private final class StateForwarder: StateListener {
    private let continuation: AsyncStream<SessionState>.Continuation

    init(_ continuation: AsyncStream<SessionState>.Continuation) {
        self.continuation = continuation
    }

    func onState(state: CognitoSignOutCore.SessionState) throws {
        continuation.yield(SessionState(state))
    }

    func onEnd() throws {
        continuation.finish()
    }
}

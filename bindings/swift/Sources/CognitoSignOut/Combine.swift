#if canImport(Combine)
@preconcurrency import Combine

/// Makes Combine publishers of calls, like Amplify's `Amplify.Publisher`.
///
/// A publisher delivers on a background thread. If the call has already ended, it delivers on the thread that subscribes. A `sink` in
/// code of the main actor needs `.receive(on: DispatchQueue.main)` before it: without that, the code compiles without a warning, and
/// the app crashes when the value arrives.
public enum AuthPublisher {
    /// Starts `call` at once and publishes its result. Cancelling the subscription does not stop the call.
    ///
    /// ```swift
    /// AuthPublisher.create { await auth.signOut() }
    ///     .receive(on: DispatchQueue.main)
    ///     .sink { result in signedIn = !result.signedOutLocally }
    /// ```
    public static func create<Output: Sendable>(
        _ call: @escaping @Sendable () async -> Output
    ) -> AnyPublisher<Output, Never> {
        Future { promise in
            let promise = Promise(fulfil: promise)
            Task { promise.fulfil(.success(await call())) }
        }
        .eraseToAnyPublisher()
    }

    /// The same for a call that can throw.
    ///
    /// ```swift
    /// AuthPublisher.create { try await auth.tokens() }
    ///     .receive(on: DispatchQueue.main)
    ///     .sink(receiveCompletion: { … }, receiveValue: { tokens in … })
    /// ```
    public static func create<Output: Sendable>(
        _ call: @escaping @Sendable () async throws -> Output
    ) -> AnyPublisher<Output, any Error> {
        Future { promise in
            let promise = Promise(fulfil: promise)
            Task {
                do {
                    promise.fulfil(.success(try await call()))
                } catch {
                    promise.fulfil(.failure(error))
                }
            }
        }
        .eraseToAnyPublisher()
    }

    /// Combine allows a promise on any thread, but does not mark it as `Sendable`.
    private struct Promise<Output, Failure: Error>: @unchecked Sendable {
        let fulfil: Future<Output, Failure>.Promise
    }
}
#endif

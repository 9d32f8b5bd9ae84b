#if canImport(Combine)
@preconcurrency import Combine

/// What Combine allows on any thread, and has not marked so: promises and subjects.
private struct Unmarked<Value>: @unchecked Sendable {
    let value: Value
}

/// Makes Combine publishers of calls, as Amplify's `Amplify.Publisher` does. As Amplify's, they deliver on a background thread:
/// a `sink` in code of the main actor needs `.receive(on: DispatchQueue.main)` before it. Without that the compiler says nothing,
/// and the app is ended when the value comes.
public enum AuthPublisher {
    /// Starts `call` at once, and publishes what it gives. Cancelling stops listening, and the call goes on.
    ///
    /// It delivers on a background thread; to who subscribes after the call has ended, on the thread that subscribes.
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
            let promise = Unmarked<Future<Output, Never>.Promise>(value: promise)
            Task { promise.value(.success(await call())) }
        }
        .eraseToAnyPublisher()
    }

    /// The same for a call that can fail. It delivers where the other does.
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
            let promise = Unmarked<Future<Output, any Error>.Promise>(value: promise)
            Task {
                do {
                    promise.value(.success(try await call()))
                } catch {
                    promise.value(.failure(error))
                }
            }
        }
        .eraseToAnyPublisher()
    }

    /// Publishes what a stream of its own gives to each subscriber, until that leaves or the stream ends.
    static func create<Element: Sendable>(_ stream: @escaping () -> AsyncStream<Element>) -> AnyPublisher<Element, Never> {
        Deferred {
            let (stream, subject) = (stream(), Unmarked(value: PassthroughSubject<Element, Never>()))
            let task = Task {
                for await element in stream {
                    subject.value.send(element)
                }
                subject.value.send(completion: .finished)
            }
            return subject.value
                .handleEvents(receiveCancel: { task.cancel() })
                // A subject drops what a slow subscriber has not asked for yet.
                .buffer(size: keptEvents, prefetch: .keepFull, whenFull: .dropOldest)
        }
        .eraseToAnyPublisher()
    }
}

extension Auth {
    /// ``signOut(options:)`` as a publisher. The sign-out begins at once, and goes on whoever listens.
    ///
    /// It delivers on a background thread; to who subscribes after the sign-out has ended, on the thread that subscribes.
    ///
    /// ```swift
    /// auth.signOutPublisher()
    ///     .receive(on: DispatchQueue.main)
    ///     .sink { result in signedIn = !result.signedOutLocally }
    /// ```
    public func signOutPublisher(options: SignOutOptions = .init()) -> AnyPublisher<SignOutResult, Never> {
        AuthPublisher.create { await self.signOut(options: options) }
    }

    /// ``events`` as a publisher: every event from the subscription on, to each subscriber. It delivers on a background thread.
    ///
    /// ```swift
    /// auth.eventsPublisher
    ///     .receive(on: DispatchQueue.main)
    ///     .sink { event in if case .signedOut = event { signedIn = false } }
    /// ```
    public var eventsPublisher: AnyPublisher<AuthEvent, Never> {
        AuthPublisher.create { [weak self] in self?.events ?? AsyncStream { $0.finish() } }
    }
}
#endif

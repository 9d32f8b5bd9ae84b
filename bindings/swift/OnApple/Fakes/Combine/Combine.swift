// What the package uses of Combine, so that its code can be compiled where there is none. Does nothing.
public struct Subscribers { public enum Completion<Failure: Error> { case finished, failure(Failure) } }
public protocol Publisher<Output, Failure> { associatedtype Output; associatedtype Failure: Error }
public struct AnyPublisher<Output, Failure: Error>: Publisher { public init() {} }
public final class AnyCancellable { public func cancel() {} }
extension AnyPublisher where Failure == Never {
  public func sink(receiveValue: @escaping (Output) -> Void) -> AnyCancellable { AnyCancellable() }
  public var values: AsyncStream<Output> { fatalError() }
}
extension Publisher {
  public func eraseToAnyPublisher() -> AnyPublisher<Output, Failure> { AnyPublisher() }
  public func handleEvents(receiveSubscription: ((Int) -> Void)? = nil, receiveOutput: ((Output) -> Void)? = nil, receiveCompletion: ((Subscribers.Completion<Failure>) -> Void)? = nil, receiveCancel: (() -> Void)? = nil) -> AnyPublisher<Output, Failure> { AnyPublisher() }
}
public final class Future<Output, Failure: Error>: Publisher {
  public typealias Promise = (Result<Output, Failure>) -> Void
  public init(_ attemptToFulfill: @escaping (@escaping Promise) -> Void) {}
}
public final class PassthroughSubject<Output, Failure: Error>: Publisher {
  public init() {}
  public func send(_ v: Output) {}
  public func send(completion: Subscribers.Completion<Failure>) {}
}

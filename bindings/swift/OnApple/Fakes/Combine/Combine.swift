// What the package uses of Combine, as Apple documents it: demand is kept to, a subject drops what nobody has asked for, and a
// subscription ends with its `AnyCancellable`. Not Apple's protocols: who subscribes is one struct here.
import Foundation

public struct Subscribers {
    public enum Completion<Failure: Error> { case finished, failure(Failure) }
}

public struct Subscriptions {
    let request: (Int) -> Void
    let cancel: () -> Void
}

/// Who subscribes: gets the subscription, then values, of each of which it says how many more it wants, then the end.
public struct Downstream<Output, Failure: Error> {
    let subscription: (Subscriptions) -> Void
    let value: (Output) -> Int
    let completion: (Subscribers.Completion<Failure>) -> Void
}

public protocol Publisher<Output, Failure> {
    associatedtype Output
    associatedtype Failure: Error
    func receive(_ downstream: Downstream<Output, Failure>)
}

public struct AnyPublisher<Output, Failure: Error>: Publisher {
    let subscribe: (Downstream<Output, Failure>) -> Void
    public func receive(_ downstream: Downstream<Output, Failure>) { subscribe(downstream) }
}

extension Publisher {
    public func eraseToAnyPublisher() -> AnyPublisher<Output, Failure> { AnyPublisher(subscribe: receive) }
}

/// One for all: what is downstream asks upstream, which sends downstream.
private let lock = NSRecursiveLock()

/// Values on their way to one subscriber: as many as it wants; of the rest the newest are kept, or none.
final class Conduit<Output, Failure: Error> {
    private var downstream: Downstream<Output, Failure>?
    private let keeps: Int
    private var kept: [Output] = []
    private var end: Subscribers.Completion<Failure>?
    private var wanted = 0

    init(_ downstream: Downstream<Output, Failure>, keeps: Int = 0) { (self.downstream, self.keeps) = (downstream, keeps) }

    func begin(onCancel: @escaping () -> Void = {}) {
        downstream?.subscription(Subscriptions(
            request: { more in self.change { self.want(more) } },
            cancel: { self.change { self.downstream = nil }; onCancel() }
        ))
    }

    func send(_ value: Output) {
        change {
            guard end == nil, keeps > 0 || wanted > 0 else { return }
            kept.append(value)
            if kept.count > max(keeps, wanted) { kept.removeFirst() }
        }
    }

    func send(completion: Subscribers.Completion<Failure>) {
        change { end = end ?? completion }
    }

    private func change(_ change: () -> Void) {
        lock.lock()
        defer { lock.unlock() }
        change()
        while let downstream, wanted > 0, !kept.isEmpty {
            wanted -= wanted == .max ? 0 : 1
            want(downstream.value(kept.removeFirst()))
        }
        if let end, kept.isEmpty, let downstream {
            self.downstream = nil
            downstream.completion(end)
        }
    }

    /// `.max` is all there will ever be.
    private func want(_ more: Int) { wanted = more > .max - wanted ? .max : wanted + more }
}

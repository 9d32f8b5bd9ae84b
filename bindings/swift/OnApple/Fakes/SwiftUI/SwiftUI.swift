// The parts of SwiftUI that examples/ios uses, to compile it on a system without SwiftUI. They show nothing.
@_exported import Combine
@_exported import Foundation
@_exported import UIKit

@MainActor @preconcurrency public protocol View {
    associatedtype Body: View
    @ViewBuilder @MainActor var body: Body { get }
}

extension Never: View { public var body: Never { return fatalError("no view of its own") } }

/// A view of the system.
public protocol Primitive: View where Body == Never {}
extension Primitive { public var body: Never { return fatalError("shown by the system") } }

public struct Some<Content>: Primitive {}

@resultBuilder public enum ViewBuilder {
    public static func buildExpression<V: View>(_ view: V) -> V { view }
    public static func buildBlock<each V: View>(_: repeat each V) -> Some<(repeat each V)> { Some() }
    public static func buildOptional<V: View>(_: V?) -> Some<V?> { Some() }
    public static func buildEither<V: View, W: View>(first _: V) -> Some<(V, W)> { Some() }
    public static func buildEither<V: View, W: View>(second _: W) -> Some<(V, W)> { Some() }
}

public struct Form<Content: View>: Primitive { public init(@ViewBuilder content _: () -> Content) {} }
public struct Section<Content: View>: Primitive {
    public init(_: String, @ViewBuilder content _: () -> Content) {}
    public init(@ViewBuilder content _: () -> Content) {}
}
public struct ForEach<Data: RandomAccessCollection, Content: View>: Primitive where Data.Element: Identifiable {
    public init(_: Data, @ViewBuilder content _: @escaping (Data.Element) -> Content) {}
}
public struct NavigationView<Content: View>: Primitive { public init(@ViewBuilder content _: () -> Content) {} }
public struct NavigationLink<Destination: View>: Primitive {
    public init(_: String, @ViewBuilder destination _: () -> Destination) {}
}
public struct Text: Primitive { public init(_: String) {} }
public struct Label: Primitive { public init(_: String, systemImage _: String) {} }
public struct ProgressView: Primitive { public init() {} }
public struct ButtonRole: Sendable { public static let destructive = Self() }
public struct Button: Primitive {
    @preconcurrency public init(_: String, role _: ButtonRole? = nil, action _: @escaping @MainActor () -> Void) {}
}

extension View {
    public func disabled(_: Bool) -> some View { self }
    public func navigationTitle(_: String) -> some View { self }
    public func padding() -> some View { self }
    public func task(@_inheritActorContext _: @escaping @Sendable @isolated(any) () async -> Void) -> some View { self }
    public func task<T: Equatable>(
        id _: T, @_inheritActorContext _: @escaping @Sendable @isolated(any) () async -> Void
    ) -> some View { self }
    public func onReceive<P: Publisher>(_: P, perform _: @escaping (P.Output) -> Void) -> some View
        where P.Failure == Never { self }
}

@MainActor @preconcurrency public protocol Scene {}
public struct WindowGroup<Content: View>: Scene { nonisolated public init(@ViewBuilder content _: () -> Content) {} }

@MainActor @preconcurrency public protocol App {
    associatedtype Body: Scene
    @MainActor var body: Body { get }
    @MainActor init()
}
extension App { @MainActor public static func main() { _ = Self().body } }

public enum ScenePhase: Sendable { case background, inactive, active }
public struct EnvironmentValues { public var scenePhase = ScenePhase.active }
@propertyWrapper public struct Environment<Value> {
    public let wrappedValue: Value
    public init(_ value: KeyPath<EnvironmentValues, Value>) { wrappedValue = EnvironmentValues()[keyPath: value] }
}
@propertyWrapper public struct State<Value> {
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
    public var wrappedValue: Value
}
@MainActor @preconcurrency @propertyWrapper public struct ObservedObject<Object: ObservableObject> {
    public init(wrappedValue: Object) { self.wrappedValue = wrappedValue }
    public var wrappedValue: Object
}
@MainActor @preconcurrency @propertyWrapper public struct StateObject<Object: ObservableObject> {
    public init(wrappedValue object: @autoclosure @escaping () -> Object) { wrappedValue = object() }
    public let wrappedValue: Object
}
public protocol ObservableObject: AnyObject {}
@propertyWrapper public struct Published<Value> {
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
    public var wrappedValue: Value
}

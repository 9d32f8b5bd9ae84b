import CognitoSignOutCore
public func live() -> UInt64 { liveObjects() }

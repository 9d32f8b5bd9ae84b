// swift-tools-version: 6.0
// The same sources, compiled with stubs of what Apple's systems have and Linux has not: `cargo xtask swift on-apple build`. It proves
// that they are Swift 6 without a warning, and nothing of what they do.
import PackageDescription

let stubs = ["Combine", "AuthenticationServices", "UIKit"]

let package = Package(
    name: "OnApple",
    targets: stubs.map { .target(name: $0, path: "Stubs/\($0)", swiftSettings: [.swiftLanguageMode(.v5)]) } + [
        .systemLibrary(name: "CognitoSignOutFFI", path: "Generated/CognitoSignOutFFI"),
        .target(
            name: "CognitoSignOutCore",
            dependencies: ["CognitoSignOutFFI"],
            path: "Generated/CognitoSignOutCore",
            swiftSettings: [.swiftLanguageMode(.v5)]
        ),
        .target(
            name: "CognitoSignOut",
            dependencies: ["CognitoSignOutCore"] + stubs.map { .target(name: $0) },
            path: "Sources/CognitoSignOut",
            swiftSettings: [.unsafeFlags(["-warnings-as-errors"])]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// swift-tools-version: 6.0
// The same sources with fakes of Apple's modules, for a machine without them: `cargo xtask swift on-apple test`. It also contains the iOS
// example, whose model is tested.
import PackageDescription

let generated = Context.packageDirectory + "/Generated"

/// The fakes, and the fakes that each needs. `README.md` says where they differ from Apple's.
let fakes = [
    "Combine": [], "CryptoKit": [], "UIKit": [], "AuthenticationServices": ["UIKit"], "SwiftUI": ["Combine", "UIKit"],
    "notify": [], "Security": [], "WebKit": [], "WidgetKit": [], "Apollo": [], "FirebaseAnalytics": [],
]

/// What the example imports. Apollo and FirebaseAnalytics are by other authors.
let example: [Target.Dependency] = [
    "CognitoSignOut", "CryptoKit", "SwiftUI", "WebKit", "WidgetKit", "Apollo", "FirebaseAnalytics",
]

/// Our own code has no warnings in Swift 6.
let strict: [SwiftSetting] = [.unsafeFlags(["-warnings-as-errors"])]

let package = Package(
    name: "OnApple",
    targets: fakes.map { name, others in
        .target(
            name: name,
            dependencies: others.map { .target(name: $0) },
            path: "Fakes/\(name)",
            swiftSettings: [.swiftLanguageMode(.v5)]
        )
    } + [
        .systemLibrary(name: "CognitoSignOutFFI", path: "Generated/CognitoSignOutFFI"),
        .target(
            name: "CognitoSignOutCore",
            dependencies: ["CognitoSignOutFFI"],
            path: "Generated/CognitoSignOutCore",
            swiftSettings: [.swiftLanguageMode(.v5)],
            linkerSettings: [
                .linkedLibrary("cognito_signout"),
                .unsafeFlags(["-L\(generated)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(generated)/lib"]),
            ]
        ),
        .target(
            name: "CognitoSignOut",
            dependencies: ["CognitoSignOutCore", "Combine", "UIKit", "AuthenticationServices", "notify", "Security"],
            path: "Sources/CognitoSignOut",
            resources: [.copy("PrivacyInfo.xcprivacy")],
            swiftSettings: strict
        ),
        .target(
            name: "CognitoSignOutTesting",
            dependencies: ["CognitoSignOut"],
            path: "Sources/CognitoSignOutTesting",
            swiftSettings: strict
        ),
        // A library, so that the tests can import it: a process has one `main`, and that is the tests'.
        .target(
            name: "SignOutDemo", dependencies: example, path: "Example",
            swiftSettings: strict + [.unsafeFlags(["-Xfrontend", "-entry-point-function-name", "-Xfrontend", "main_of_the_demo"])]
        ),
        .testTarget(
            name: "OnAppleTests",
            dependencies: example + ["CognitoSignOutCore", "CognitoSignOutTesting", "SignOutDemo", "notify", "Security"],
            path: "Tests",
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)

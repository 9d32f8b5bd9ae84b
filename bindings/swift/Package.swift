// swift-tools-version: 6.0
import PackageDescription

/// Where a release's XCFramework is. `cargo xtask apple` writes this line; in the repository it is `nil`.
let release: Release? = nil

enum Release {
    case at(url: String, checksum: String)
    case beside(path: String)
    /// Where there are no XCFrameworks: the test of a release on Linux has the library and its C module from that machine.
    case installed
}

let isRelease = if case nil = release { false } else { true }

/// For development, `cargo xtask swift` creates this folder: the C module and the library for this machine.
let generated = Context.packageDirectory + "/Generated"

let library: Target = switch release {
case let .at(url, checksum)?: .binaryTarget(name: "CognitoSignOutFFI", url: url, checksum: checksum)
case let .beside(path)?: .binaryTarget(name: "CognitoSignOutFFI", path: path)
case .installed?, nil: .systemLibrary(name: "CognitoSignOutFFI", path: "Generated/CognitoSignOutFFI")
}

/// A release's framework names the system's libraries that it needs.
let linked: [LinkerSetting] = switch release {
case .at?, .beside?: []
case .installed?: [.linkedLibrary("cognito_signout")]
case nil: [
    .linkedLibrary("cognito_signout"),
    .unsafeFlags(["-L\(generated)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(generated)/lib"]),
]
}

/// No warnings during development. A package that others depend on cannot have such flags.
let strict: [SwiftSetting] = isRelease ? [] : [.unsafeFlags(["-warnings-as-errors"])]

/// Another UniFFI library, which the tests load together with this one.
let second: [Target] = [
    .systemLibrary(name: "SecondLibraryFFI", path: "Generated/SecondLibraryFFI"),
    .target(
        name: "SecondLibrary",
        dependencies: ["SecondLibraryFFI"],
        path: "Generated/SecondLibrary",
        swiftSettings: [.swiftLanguageMode(.v5)],
        linkerSettings: [.linkedLibrary("second_library")]
    ),
]

/// A release has no tests.
let tests: [Target] = isRelease ? [] : second + [
    .executableTarget(name: "MemoryApp", dependencies: ["CognitoSignOut"], path: "Tests/MemoryApp", swiftSettings: strict),
    .testTarget(
        name: "CognitoSignOutTests",
        dependencies: ["CognitoSignOut", "CognitoSignOutCore", "CognitoSignOutTesting", "SecondLibrary"],
        swiftSettings: strict
    ),
]

let package = Package(
    name: "CognitoSignOut",
    platforms: [.iOS(.v15), .macCatalyst(.v15), .macOS(.v12), .visionOS(.v1)],
    products: [
        .library(name: "CognitoSignOut", targets: ["CognitoSignOut"]),
        // For the previews and the tests of an app.
        .library(name: "CognitoSignOutTesting", targets: ["CognitoSignOutTesting"]),
    ],
    targets: [
        library,
        // UniFFI generates it for language mode 5.
        .target(
            name: "CognitoSignOutCore",
            dependencies: ["CognitoSignOutFFI"],
            path: "Generated/CognitoSignOutCore",
            swiftSettings: [.swiftLanguageMode(.v5)],
            linkerSettings: linked
        ),
        .target(
            name: "CognitoSignOut",
            dependencies: ["CognitoSignOutCore"],
            resources: [.copy("PrivacyInfo.xcprivacy")],
            swiftSettings: strict
        ),
        .target(name: "CognitoSignOutTesting", dependencies: ["CognitoSignOut"], swiftSettings: strict),
    ] + tests,
    swiftLanguageModes: [.v6]
)

// swift-tools-version: 6.0
import Foundation
import PackageDescription

/// Where the XCFramework of a release lies. `cargo xtask apple` stamps it; unset in the repository.
let release: (url: String, checksum: String)? = nil

/// What `cargo xtask swift` puts together for developing the package itself: the C module and the library for this machine.
let generated = Context.packageDirectory + "/Generated"

let library: Target = if let release {
    .binaryTarget(name: "CognitoSignOutFFI", url: release.url, checksum: release.checksum)
} else {
    .systemLibrary(name: "CognitoSignOutFFI", path: "Generated/CognitoSignOutFFI")
}

let linked: [LinkerSetting] = release != nil ? [] : [
    .linkedLibrary("cognito_signout"),
    .unsafeFlags(["-L\(generated)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(generated)/lib"]),
]

/// Ours, where it is developed: no warnings. A package that others depend on may have no such flags.
let strict: [SwiftSetting] = release != nil ? [] : [.unsafeFlags(["-warnings-as-errors"])]

let package = Package(
    name: "CognitoSignOut",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [
        .library(name: "CognitoSignOut", targets: ["CognitoSignOut"]),
    ],
    targets: [
        library,
        .target(
            name: "CognitoSignOutCore",
            dependencies: ["CognitoSignOutFFI"],
            path: "Generated/CognitoSignOutCore",
            swiftSettings: [.swiftLanguageMode(.v5)],
            linkerSettings: linked
        ),
        .target(name: "CognitoSignOut", dependencies: ["CognitoSignOutCore"], swiftSettings: strict),
        .testTarget(
            name: "CognitoSignOutTests",
            dependencies: ["CognitoSignOut", "CognitoSignOutCore"],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)

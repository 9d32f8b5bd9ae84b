// swift-tools-version: 6.0
import PackageDescription

// SwiftPM reads the XCFramework's Info.plist when it plans the build, and refuses one that it does not understand. On Linux
// none of the slices is for the system.
let package = Package(
    name: "Consumer",
    targets: [
        .binaryTarget(name: "CognitoSignOutFFI", path: "CognitoSignOutFFI.xcframework"),
        .target(name: "Consumer", dependencies: ["CognitoSignOutFFI"]),
    ]
)

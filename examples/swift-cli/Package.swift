// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "swift-cli",
    platforms: [.macOS(.v12)],
    dependencies: [.package(name: "CognitoSignOut", path: "../../bindings/swift")],
    targets: [
        .executableTarget(
            name: "SignOutDemo",
            dependencies: [.product(name: "CognitoSignOut", package: "CognitoSignOut")]
        ),
    ]
)

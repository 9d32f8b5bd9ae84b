// swift-tools-version: 6.0
// `cargo xtask consume swift` writes the address and the version.
import PackageDescription

let signOut: Target.Dependency = .product(name: "CognitoSignOut", package: "cognito-signout-swift")

let package = Package(
    name: "app",
    platforms: [.macOS(.v12)],
    dependencies: [.package(url: "PACKAGE", exact: "VERSION")],
    targets: [
        .executableTarget(name: "QuickStart", dependencies: [signOut]),
        .executableTarget(name: "SignOutDemo", dependencies: [signOut]),
    ]
)

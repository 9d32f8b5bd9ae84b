// swift-tools-version: 5.9
import PackageDescription

let package = Package(
    name: "cognito_signout_flutter",
    platforms: [.iOS("15.0"), .macOS("12.0")],
    products: [
        // Flutter looks for a product with this name: the plugin's, with hyphens.
        .library(name: "cognito-signout-flutter", targets: ["cognito_signout_flutter"]),
    ],
    dependencies: [
        // Flutter's tool makes it beside a link to this folder.
        .package(name: "FlutterFramework", path: "../FlutterFramework"),
    ],
    targets: [
        .target(
            name: "cognito_signout_flutter",
            dependencies: ["CognitoSignOutFFI", .product(name: "FlutterFramework", package: "FlutterFramework")]
        ),
        // A dynamic framework, so no linker can drop what only Dart calls. Its privacy manifest is inside.
        .binaryTarget(name: "CognitoSignOutFFI", path: "CognitoSignOutFFI.xcframework"),
    ]
)

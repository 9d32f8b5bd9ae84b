// swift-tools-version: 5.9
// A stand-in: see README.md one folder up. Flutter's tool makes this package, around its own framework.
import PackageDescription

let package = Package(
    name: "FlutterFramework",
    products: [.library(name: "FlutterFramework", targets: ["FlutterMacOS"])],
    targets: [.target(name: "FlutterMacOS")]
)

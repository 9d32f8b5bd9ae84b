// A stand-in: see README.md of the stand-ins.
@_exported import Foundation

public protocol FlutterPluginRegistrar: NSObjectProtocol {}

public protocol FlutterPlugin: NSObjectProtocol {
    static func register(with registrar: FlutterPluginRegistrar)
}

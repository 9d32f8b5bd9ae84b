import CognitoSignOutFFI

#if os(iOS)
import Flutter
#else
import FlutterMacOS
#endif

/// Brings the native library's framework into the app. Dart speaks to the library by itself.
public final class CognitoSignOutPlugin: NSObject, FlutterPlugin {
    public static func register(with _: FlutterPluginRegistrar) {
        // A use of the framework: without one, a linker may leave a framework out.
        _ = cs_abi_version()
    }
}

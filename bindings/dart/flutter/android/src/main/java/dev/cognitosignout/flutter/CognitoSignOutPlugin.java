package dev.cognitosignout.flutter;

import android.app.Application;
import android.content.Context;
import android.os.Build;
import dev.cognitosignout.android.AppContext;
import io.flutter.embedding.engine.plugins.FlutterPlugin;

/**
 * Loads the native library, and gives the app's context to its keychain. Flutter calls it when an engine starts, also one without a
 * screen. Dart speaks to the library by itself.
 */
public final class CognitoSignOutPlugin implements FlutterPlugin {
    @Override
    public void onAttachedToEngine(FlutterPluginBinding binding) {
        Context application = binding.getApplicationContext();
        if (isOtherProcess(application)) {
            return;
        }
        try {
            System.loadLibrary("cognito_signout");
            AppContext.give(application);
        } catch (LinkageError missing) {
            // The app would end here. Dart does not find the library either, and then `CognitoAuth` throws an exception that says so.
        }
    }

    @Override
    public void onDetachedFromEngine(FlutterPluginBinding binding) {
        // The keychain keeps the context: another engine may use it.
    }

    /**
     * Each process has its own copy of the preferences: another process would not notice that the user has signed out. Without a context,
     * each use of the keychain fails there. A process cannot tell its name before Android 9.
     */
    private static boolean isOtherProcess(Context application) {
        return Build.VERSION.SDK_INT >= 28 && !application.getApplicationInfo().processName.equals(Application.getProcessName());
    }
}

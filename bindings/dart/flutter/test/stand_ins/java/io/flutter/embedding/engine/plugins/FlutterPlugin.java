package io.flutter.embedding.engine.plugins;

import android.content.Context;

/** A stand-in: see README.md of the stand-ins. Flutter's own has more methods in the binding. */
public interface FlutterPlugin {
    void onAttachedToEngine(FlutterPluginBinding binding);

    void onDetachedFromEngine(FlutterPluginBinding binding);

    final class FlutterPluginBinding {
        private final Context context;

        public FlutterPluginBinding(Context context) {
            this.context = context;
        }

        public Context getApplicationContext() {
            return context;
        }
    }
}

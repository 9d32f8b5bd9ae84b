package dev.cognitosignout.android;

import android.content.Context;

/**
 * How the native library gets the app's context. It finds this function by its name. The AAR of cognito-signout has a class of this name
 * too: an app cannot have both, and must not, because each brings a library of its own.
 */
public final class AppContext {
    private AppContext() {}

    public static native void give(Context context);
}

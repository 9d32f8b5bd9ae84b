// Java, and no Kotlin: an app's version of Kotlin cannot clash with this plugin's.

group = "dev.cognitosignout.flutter"
version = "0.1.0"

plugins {
    id("com.android.library")
}

android {
    namespace = "dev.cognitosignout.flutter"
    compileSdk = 35

    defaultConfig {
        minSdk = 24
        consumerProguardFiles("consumer-rules.pro")
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }
}

import org.jetbrains.kotlin.gradle.dsl.JvmTarget

// The recipes of the guides `docs/app-steps.md` and `docs/moving/android.md`. The app next to them does not need their libraries.
plugins {
    id("com.android.library")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "dev.cognitosignout.example.recipes"
    compileSdk = 35

    defaultConfig {
        minSdk = 24
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_11
    }
}

dependencies {
    implementation("dev.cognitosignout:cognito-signout-android:0.1.0")
    implementation("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.10.2")
    implementation("androidx.credentials:credentials:1.6.0")
    implementation("com.google.firebase:firebase-messaging:26.0.1")
    implementation("com.posthog:posthog:6.13.1")
    // AWS credentials after moving from Amplify.
    implementation("aws.sdk.kotlin:cognitoidentity:1.5.15")
    // Opens Amplify's store.
    implementation("androidx.security:security-crypto:1.1.0")
}

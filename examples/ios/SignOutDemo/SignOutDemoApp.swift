import CognitoSignOut
import SwiftUI

/// Shows who is signed in, signs the user out, and shows the result.
@main
struct SignOutDemoApp: App {
    @State private var model = Result { try SessionModel() }

    var body: some Scene {
        WindowGroup {
            switch model {
            case let .success(model):
                NavigationView { SessionView(model: model) }
            case let .failure(error):
                // amplify_outputs.json is missing or wrong: a message for the developer.
                Text(error.localizedDescription).padding()
            }
        }
    }
}

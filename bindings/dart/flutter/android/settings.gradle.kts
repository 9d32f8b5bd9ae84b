rootProject.name = "cognito_signout_flutter"

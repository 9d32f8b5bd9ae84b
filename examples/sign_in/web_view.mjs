// Signs a user in with amazon-cognito-identity-js in a web view, and hands the tokens to the app around it.
// docs/beside-your-sign-in.md has this code.

export function signIn(user, details, handOver, show) {
  user.authenticateUser(details, {
    onSuccess(session) {
      // To the native side alone. Not `user.signOut()`, which revokes the tokens.
      handOver({
        accessToken: session.getAccessToken().getJwtToken(),
        idToken: session.getIdToken().getJwtToken(),
        refreshToken: session.getRefreshToken().getToken(),
      });
    },
    onFailure: show,
    // A challenge, such as a code from the user's phone: `user.sendMFACode(code, this)` leads to `onSuccess`.
    mfaRequired: show,
  });
}

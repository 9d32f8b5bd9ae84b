import 'package:cognito_signout_flutter/cognito_signout_flutter.dart';
import 'package:flutter/services.dart';
import 'package:flutter_web_auth_2/flutter_web_auth_2.dart';

/// Shows the pages of a sign-out in the system's own browser, by flutter_web_auth_2: `ASWebAuthenticationSession`, an Auth Tab or a Custom
/// Tab. The cookie to be ended is there if the user has signed in by the same package.
///
/// Pass it as the `browser` of a `CognitoAuth`, and the scheme of your sign-out URI in `redirects`. It must be a scheme of your own: for
/// `https`, flutter_web_auth_2 needs options that this class does not set.
final class WebAuthBrowser implements Browser {
  /// The system's browser.
  const WebAuthBrowser();

  @override
  Future<void> show(BrowserVisit visit) async {
    String? page = visit.page.url;
    final scheme = Uri.parse(visit.page.redirect).scheme;
    while (page != null) {
      page = switch (await visit.redirected(await _open(page, scheme))) {
        NextPageShow(:final url) => url,
        // It has closed itself, so a right redirect can no longer come.
        NextPageIgnored() => throw const BrowserException(BrowserExceptionKind.cancelled, 'it came back with another redirect'),
        NextPageEnd() => null,
      };
    }
  }

  /// Opens [page], and returns the redirect.
  Future<String> _open(String page, String scheme) async {
    try {
      return await FlutterWebAuth2.authenticate(url: page, callbackUrlScheme: scheme);
    } on PlatformException catch (exception) {
      final isClosed = exception.code == 'CANCELED';
      throw BrowserException(
        isClosed ? BrowserExceptionKind.cancelled : BrowserExceptionKind.unavailable,
        'flutter_web_auth_2: ${exception.code}',
      );
    }
  }
}

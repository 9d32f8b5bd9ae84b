import 'dart:async';

import 'backend.dart';
import 'exceptions.dart';
import 'native/connection.dart';
import 'words.dart';

/// Opens pages in the user's browser. On desktops use [SystemBrowser].
abstract interface class Browser {
  /// Shows `visit.page.url`, and tells [BrowserVisit.redirected] each time when the browser is sent to `visit.page.redirect`. The
  /// returned future ends when the browser is closed. Throws a [BrowserException] if it did not come back; anything else that is thrown
  /// counts as a browser that is not there.
  Future<void> show(BrowserVisit visit);
}

/// A page for the browser, and how a [Browser] reports what happened. The sign-out ends once and in time, even if a report comes
/// twice, late or never.
final class BrowserVisit {
  BrowserVisit._(this._backend, this._question)
      : page = webVisit(_question.asked),
        closed = _question.closed;

  final Backend _backend;
  final Question _question;
  final _told = <Future<NextPage>>[];

  /// The page, and where the browser is sent at the end.
  final WebVisit page;

  /// Completes when the browser step has ended: the last redirect has arrived, or the time is over. Close the browser then.
  final Future<void> closed;

  /// The browser was sent to [callback]. Returns what it should do next.
  Future<NextPage> redirected(String callback) {
    final next = _tell(callback);
    _told.add(next);
    return next;
  }

  Future<NextPage> _tell(String callback) async {
    final next = await _backend.call('browser_redirected', {'visit': _question.id, 'callback': callback});
    next as Map<String, dynamic>;
    return switch (next['next']) {
      'open' => NextPageShow._(next['url'] as String),
      'end' => NextPageEnd._(next['leave_at'] as String?),
      _ => const NextPageIgnored._(),
    };
  }
}

/// What the browser should do after a redirect.
sealed class NextPage {
  const NextPage._();
}

/// The URL did not belong to this sign-out, or arrived twice or too late. Continue as before.
final class NextPageIgnored extends NextPage {
  const NextPageIgnored._() : super._();
}

/// Another session must be ended: show this page, and continue to wait for the same redirect.
final class NextPageShow extends NextPage {
  const NextPageShow._(this.url) : super._();

  /// The page.
  final String url;
}

/// The browser step has ended.
final class NextPageEnd extends NextPage {
  const NextPageEnd._(this.leaveAt) : super._();

  /// A last page to leave the browser at; it does not come back. Null: close the browser.
  final String? leaveAt;
}

/// Why a browser could not end the session.
final class BrowserException implements Exception {
  /// [detail] is text for people.
  const BrowserException(this.kind, this.detail);

  /// What happened.
  final BrowserExceptionKind kind;

  /// Text for people.
  final String detail;

  @override
  String toString() => 'BrowserException: ${kind.word}: $detail';
}

/// What happened to a browser.
enum BrowserExceptionKind implements Word {
  /// The user closed the browser, or the app stopped waiting.
  cancelled('cancelled'),

  /// There is no browser, or it could not be started.
  unavailable('unavailable'),

  /// The listener for the redirect could not start.
  redirectTaken('redirect_taken'),

  /// The browser did not come back in time.
  timedOut('timed_out');

  const BrowserExceptionKind(this.word);

  @override
  final String word;
}

/// A page for the app to open in the user's browser.
final class WebVisit {
  const WebVisit._(this.url, this.redirect);

  /// The page.
  final String url;

  /// Where the browser is sent at the end: the callback URL begins with it.
  final String redirect;

  @override
  String toString() => 'WebVisit(url: $url, redirect: $redirect)';
}

/// The system's default browser on desktops, with a listener on the sign-out URI, which is a part of the native library.
///
/// The sign-out URI must be `http` on a loopback host with a free port, for example `http://localhost:8765/signed-out`. The library
/// listens on that port while the browser is in front, and only on loopback addresses. The last page is a closing page. It says
/// whether the user is signed out and what to do next. With its headers it has at most 2,048 bytes.
final class SystemBrowser implements Browser {
  /// What is not set has the library's default. `CognitoAuth` checks it.
  const SystemBrowser({this.appName, this.closingTexts = const [], this.closingPage, this.failurePage});

  /// The app's name, for the closing page. Default: none, and the page speaks of "the app".
  final String? appName;

  /// The closing page's words in other languages, or English words that replace the library's.
  final List<ClosingTexts> closingTexts;

  /// A whole HTML document that replaces the library's closing page for a successful sign-out. It cannot load other files.
  final String? closingPage;

  /// The same for a sign-out that did not finish.
  final String? failurePage;

  /// Only the library itself can use this browser.
  @override
  Future<void> show(BrowserVisit visit) =>
      throw const BrowserException(BrowserExceptionKind.unavailable, 'pass the SystemBrowser to CognitoAuth');
}

/// The words of the closing page in one language. Plain text: HTML in it is shown as text.
final class ClosingTexts {
  /// The words in one language.
  const ClosingTexts({
    required this.language,
    required this.signedOut,
    required this.signedOutNext,
    required this.notSignedOut,
    required this.notSignedOutNext,
  });

  /// The language as a BCP 47 tag, such as `de`, `pt-BR` or `zh-Hant`.
  final String language;

  /// The heading when the user is signed out.
  final String signedOut;

  /// What the user can do then: close the window and return to the app.
  final String signedOutNext;

  /// The heading when the sign-out did not finish. The user may still be signed in.
  final String notSignedOut;

  /// What the user can do then: return to the app and try again there.
  final String notSignedOutNext;
}

/// The page that [json] describes.
WebVisit webVisit(Map<String, dynamic> json) => WebVisit._(json['url'] as String, json['redirect'] as String);

/// The setting for [browser], which can be sent to [redirects].
///
/// Throws an [InvalidInputException] if there are redirects without a browser of the app's own: nobody would look at them.
Map<String, Object?>? browserJson(Browser? browser, List<String> redirects) => switch (browser) {
      null || SystemBrowser() when redirects.isNotEmpty => throw authException(const {
          'case': 'invalid_input',
          'code': 'invalid_input',
          'detail': 'redirects: they are only for a browser of the app itself',
          'recovery': 'Leave them out, or pass a browser of your own',
        }),
      null => null,
      SystemBrowser(:final appName, :final closingTexts, :final closingPage, :final failurePage) => {
          'kind': 'system',
          'app_name': appName,
          'closing_texts': [
            for (final texts in closingTexts)
              {
                'language': texts.language,
                'signed_out': texts.signedOut,
                'signed_out_next': texts.signedOutNext,
                'not_signed_out': texts.notSignedOut,
                'not_signed_out_next': texts.notSignedOutNext,
              }
          ],
          'closing_page': closingPage,
          'failure_page': failurePage,
        },
      _ => {'kind': 'host', 'redirects': redirects},
    };

/// [browser] as the library asks it. [backend] is only there when it asks.
Port browserPort(Browser browser, Backend Function() backend) => (question) async {
      try {
        final visit = BrowserVisit._(backend(), question);
        try {
          await browser.show(visit);
        } finally {
          // The browser need not have waited, and its end must not overtake the redirect.
          await Future.wait(visit._told);
        }
        return const {'ok': null};
      } on BrowserException catch (exception) {
        return failure(exception.kind, exception.detail);
      } catch (thrown) {
        return failure(BrowserExceptionKind.unavailable, "the app's browser threw ${thrown.runtimeType}");
      }
    };

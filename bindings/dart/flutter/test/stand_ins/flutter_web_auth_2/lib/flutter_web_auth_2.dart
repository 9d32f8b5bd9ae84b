// A stand-in: see README.md one folder up. The browser is one without a screen, which follows redirects.
import 'dart:io';

import 'package:flutter/services.dart';

class FlutterWebAuth2 {
  /// For tests: what the user or the system does instead of coming back.
  static Future<String> Function()? instead;

  static Future<String> authenticate({required String url, required String callbackUrlScheme}) async {
    if (instead case final instead?) return instead();
    final client = HttpClient();
    try {
      for (var page = Uri.parse(url); ; ) {
        final request = await client.getUrl(page);
        request.followRedirects = false;
        final response = await request.close();
        await response.drain<void>();
        final to = response.headers.value('location');
        // A page without a redirect: the user closes the browser.
        if (to == null) throw PlatformException(code: 'CANCELED', message: 'the page is ${response.statusCode}');
        page = page.resolve(to);
        if (page.scheme == callbackUrlScheme) return '$page';
      }
    } finally {
      client.close();
    }
  }
}

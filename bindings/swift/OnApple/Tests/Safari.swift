import AuthenticationServices
import CognitoSignOut
import Testing

let signedOut = URL(string: "myapp://signed-out")!

/// A user's browser and what the user does. All pages except private ones share the cookies.
final class Safari: Sendable {
    let fake: FakeCognito
    /// All pages that were shown.
    let pages = Shared<[ShownPage]>([])
    private let cookie = Shared<String?>(nil)

    enum Habit: Sendable {
        case reads
        /// Follows the redirects of the user pool's pages; on other pages, does this.
        case goesOn(elsewhere: @Sendable (ShownPage) -> Void = { _ in })
        case cancels
        case cannotBeAsked
    }

    /// Ana, with her own user pool. She has signed in through the pages in this browser.
    init(_ habit: Habit, signOutURI: URL = signedOut) async throws {
        fake = try await FakeCognito(["--sign-out-uri", signOutURI.absoluteString, "--callback-uri", "myapp://signed-in"])
        let form = "login?client_id=\(fake.clientID)&redirect_uri=myapp://signed-in&response_type=code"
        _ = try await load(URL(string: form, relativeTo: fake.url)!.absoluteURL, in: cookie, body: "username=ana")
        await App.shows(UIWindowScene(.foregroundActive))
        let canBeAsked = if case .cannotBeAsked = habit { false } else { true }
        TheUser.does(canBeAsked: canBeAsked) { [self] page in
            pages.with { $0.append(page) }
            switch habit {
            case .cannotBeAsked, .reads: break
            case .cancels: page.cancel()
            case let .goesOn(elsewhere): page.url.host == fake.url.host ? goOn(page) : elsewhere(page)
            }
        }
    }

    var isSignedIn: Bool {
        get async throws { try await fake.order(["do": "has_browser_session", "user": "ana"])["live"]?.isTrue == true }
    }

    /// The last page, when this number of pages was shown.
    func page(_ count: Int = 1) async throws -> ShownPage {
        try await eventually { self.pages.now.count >= count }
        return try #require(pages.now.last)
    }

    func goOn(_ page: ShownPage) {
        let cookie = page.isEphemeral ? Shared(nil) : cookie
        Task {
            var url: URL? = page.url
            while let next = url, next.scheme == "http" {
                url = try await load(next, in: cookie)
            }
            if let url { page.redirect(to: url) }
        }
    }

    /// Loads a page, and returns where it sends the browser.
    private func load(_ url: URL, in cookie: Shared<String?>, body: String = "") async throws -> URL? {
        let page = try await URLSessionTransport().send(HTTPRequest(
            method: body.isEmpty ? "GET" : "POST",
            url: url,
            headers: [HTTPHeader(name: "cookie", value: cookie.now ?? "")],
            body: Data(body.utf8)
        ))
        func header(_ name: String) -> String? {
            page.headers.first { $0.name.lowercased() == name }?.value
        }
        if let set = header("set-cookie") {
            cookie.with { $0 = set.split(separator: ";").first.map(String.init) }
        }
        return header("location").flatMap(URL.init(string:))
    }
}

/// Ana's app. She has signed in there too.
struct App {
    static let signOutURIs: [HostedUI.SignOutURI] = ["https://example.com/signed-out", "myapp://signed-out"]
    /// The scene that she looks at.
    let window: UIWindow
    let auth: Auth
    let tokens: Tokens

    enum Anchor: Sendable {
        /// The default.
        case none
        case theWindow
        /// A window without a scene and without a root: nothing about a page over it can be observed.
        case anEmptyWindow
    }

    @MainActor
    init(
        _ safari: Safari,
        callback: WebAuthenticationBrowser.Callback = .scheme("myapp"),
        signOutURIs: [HostedUI.SignOutURI] = App.signOutURIs,
        over anchor: Anchor = .none,
        through provider: (name: String, logout: ProviderLogout)? = nil,
        signedInWith: SignedInWith = .hostedUI
    ) async throws {
        let window = App.shows(UIWindowScene(.foregroundActive))
        let browser = switch anchor {
        case .none: WebAuthenticationBrowser(callback: callback)
        case .theWindow: WebAuthenticationBrowser(callback: callback) { window }
        case .anEmptyWindow: WebAuthenticationBrowser(callback: callback) { UIWindow() }
        }
        try await self.init(
            safari, browser, signOutURIs: signOutURIs, over: window, through: provider, signedInWith: signedInWith
        )
    }

    /// An app with its own browser, over what is on screen.
    @MainActor
    init(
        _ safari: Safari,
        _ browser: WebAuthenticationBrowser,
        signOutURIs: [HostedUI.SignOutURI] = App.signOutURIs,
        over window: UIWindow,
        through provider: (name: String, logout: ProviderLogout)? = nil,
        signedInWith: SignedInWith = .hostedUI
    ) async throws {
        self.window = window
        let configuration = try safari.fake.configuration {
            $0.hostedUI = HostedUI(
                domain: safari.fake.url.absoluteString,
                signOutURIs: signOutURIs,
                providers: provider.map { [$0.name: $0.logout] } ?? [:]
            )
        }
        auth = try Auth(configuration: configuration, storage: .memory, browser: browser)
        tokens = try await safari.fake.signIn("ana", through: provider?.name)
        try await auth.storeSession(tokens, signedInWith: signedInWith)
    }

    /// Runs an app with these scenes, each with a window. Returns the first window.
    @MainActor @discardableResult
    static func shows(_ scenes: UIWindowScene...) -> UIWindow {
        let running = UIApplication()
        running.connectedScenes = Set(scenes)
        UIApplication.running = running
        let windows = scenes.map { scene in
            let window = UIWindow(windowScene: scene)
            window.rootViewController = UIViewController()
            window.makeKeyAndVisible()
            return window
        }
        return windows[0]
    }

    /// The outcome of the browser step.
    static func web(_ outcome: SignOutOutcome) -> String {
        outcome.report.steps.web.description
    }
}

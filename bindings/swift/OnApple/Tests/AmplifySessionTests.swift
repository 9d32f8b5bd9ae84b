import CognitoSignOut
import Foundation
import Security
import Testing

/// Sessions that Amplify and AWSMobileClient have stored in the keychain.
extension Everything {
    @Suite struct AmplifySessionTests {
        private static let amplify = "com.amplify.awsCognitoAuthPlugin"
        private static let shared = "com.amplify.awsCognitoAuthPluginShared"
        private static let identityPool = "eu-central-1:11112222-3333-4444-5555-666677778888"
        private static let bundle = "com.example.app"
        private static let group = "ABCDE12345.com.example.shared"

        private let configuration = try! AuthConfiguration(
            userPoolID: "eu-central-1_AbCdEf123", clientID: "3n4b5urk1ft4fl3mg5e62d9ado"
        )

        /// A golden file of the Rust core's tests.
        private func golden(_ name: String) throws -> [String: String] {
            let scenarios = URL(fileURLWithPath: try environment("SHARED_SCENARIOS"))
            let file = scenarios.appendingPathComponent("../../tests/files/adopt/\(name).json").standardized
            return try JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))
        }

        private func items(
            _ all: [String: String], service: String, accessGroup: String = FakeKeychain.ownGroup
        ) -> [FakeItem] {
            all.map { FakeItem(accessGroup: accessGroup, service: service, account: $0, value: Data($1.utf8)) }
        }

        /// AWSMobileClient's three services, as aws-sdk-ios names them.
        private func ofMobileClient(_ all: [String: String]) -> [FakeItem] {
            all.flatMap { name, value in
                let service = switch name {
                case "federationProvider", "loginsMap": "Optional(\"\(Self.bundle)\").AWSMobileClient"
                case let name where name.contains("."): "\(Self.bundle).AWSCognitoIdentityUserPool"
                default: "\(Self.bundle).AWSCognitoCredentialsProvider.\(Self.identityPool)"
                }
                return items([name: value], service: service)
            }
        }

        private func find(identityPoolID: String? = identityPool, accessGroup: String? = nil) throws -> AmplifySession? {
            try AmplifySession.find(
                configuration: configuration, identityPoolID: identityPoolID, accessGroup: accessGroup,
                bundleIdentifier: Self.bundle
            )
        }

        /// What the call throws.
        private func refused(_ call: () async throws -> Void) async -> AdoptError? {
            do {
                try await call()
                return nil
            } catch {
                return error as? AdoptError
            }
        }

        private func expectAna(_ found: AmplifySession?) throws {
            let session = try #require(found).session
            #expect(session.username == "ana")
            #expect(session.signedInWith == .api)
            #expect(session.tokens.refreshToken == Secret("golden-refresh-token-of-ana"))
            #expect(session.device?.key == "eu-central-1_golden-device")
            #expect(session.device?.password == Secret("golden/device+secret"))
        }

        /// What is not the session's: another service's item, another app's, Amplify's own configuration.
        private let others = [
            FakeItem(service: "com.example.app", account: "amplify.eu-central-1_AbCdEf123.session", value: Data()),
            FakeItem(accessGroup: "another app's", service: amplify, account: "other", value: Data([0xff])),
            FakeItem(service: amplify, account: "binary", value: Data([0xff])),
        ]

        @Test(arguments: [nil, identityPool])
        func amplifySwiftsSessionIsFoundAndForgotten(identityPoolID: String?) async throws {
            FakeKeychain.reset(items(try golden("amplify_swift"), service: Self.amplify) + others)
            let before = FakeKeychain.items
            let found = try find(identityPoolID: identityPoolID)
            try expectAna(found)
            #expect(found?.session.identity?.credentials?.expires == Date(timeIntervalSince1970: 1_798_761_600.5))
            #expect(FakeKeychain.items == before)

            for _ in 1...2 {
                try await found?.forgetSource()
                let left = FakeKeychain.items.filter { !others.contains($0) }.map(\.account)
                #expect(left.allSatisfy { $0 == "authConfiguration" || $0.hasSuffix(".deviceASF") } && left.count == 2)
                #expect(others.allSatisfy(FakeKeychain.items.contains))
                #expect(try find(identityPoolID: identityPoolID) == nil)
            }
        }

        @Test func anAccessGroupsSessionIsInAnotherService() async throws {
            FakeKeychain.reset(
                items(try golden("amplify_swift"), service: Self.shared, accessGroup: Self.group), groups: [Self.group]
            )
            #expect(try find() == nil)
            let found = try find(accessGroup: Self.group)
            try expectAna(found)
            try await found?.forgetSource()
            #expect(try find(accessGroup: Self.group) == nil)

            guard case let .store(problem)? = await refused({ _ = try find(accessGroup: "not the app's") }) else {
                Issue.record("not refused")
                return
            }
            #expect(problem.code == .vaultMissingEntitlement)
        }

        @Test func amplifyFluttersSessionIsFoundAndForgotten() async throws {
            FakeKeychain.reset(items(try golden("amplify_flutter"), service: Self.amplify) + others)
            let found = try find()
            try expectAna(found)
            try await found?.forgetSource()
            #expect(try find() == nil)
            #expect(!FakeKeychain.items.contains { $0.account.hasSuffix("Token") })
            #expect(others.allSatisfy(FakeKeychain.items.contains))
        }

        @Test func awsMobileClientsSessionIsFoundInItsThreeServicesAndForgotten() async throws {
            for (file, signedInWith) in [("aws_mobile_client_ios", SignedInWith.api), ("aws_mobile_client_ios_hosted_ui", .hostedUI)] {
                FakeKeychain.reset(ofMobileClient(try golden(file)) + others)
                let found = try find()
                #expect(found?.session.signedInWith == signedInWith)
                #expect(found?.session.username == "ana")
                try await found?.forgetSource()
                let left = FakeKeychain.items.filter { !others.contains($0) }.map(\.account)
                #expect(left.allSatisfy { $0.hasSuffix("asf.device.id") }, "\(left)")
            }
        }

        @Test func amplifysSessionIsNewerThanAWSMobileClientsAndBothAreForgotten() async throws {
            var older = try golden("aws_mobile_client_ios")
            older["3n4b5urk1ft4fl3mg5e62d9ado.ana.refreshToken"] = "older"
            FakeKeychain.reset(items(try golden("amplify_swift"), service: Self.amplify) + ofMobileClient(older))
            try expectAna(try find())
            try await AmplifySession.forgetSource(
                configuration: configuration, identityPoolID: Self.identityPool, bundleIdentifier: Self.bundle
            )
            #expect(try find() == nil)
        }

        @Test func whoCannotBeAdoptedIsAnErrorOfItsOwnAndStays() async throws {
            for ending in ["guest", "federated"] {
                for stored in [
                    items(try golden("amplify_swift_\(ending)"), service: Self.amplify),
                    items(try golden("amplify_flutter_\(ending)"), service: Self.amplify),
                    ofMobileClient(try golden("aws_mobile_client_ios_\(ending)")),
                ] {
                    FakeKeychain.reset(stored)
                    switch await refused({ _ = try find() }) {
                    case .guest? where ending == "guest", .federated? where ending == "federated": break
                    case let other: Issue.record("\(ending): \(String(describing: other))")
                    }
                    try await AmplifySession.forgetSource(
                        configuration: configuration, identityPoolID: Self.identityPool, bundleIdentifier: Self.bundle
                    )
                    #expect(FakeKeychain.items == stored)
                }
            }
            FakeKeychain.reset(items(try golden("amplify_swift_nobody"), service: Self.amplify))
            #expect(try find() == nil)
            FakeKeychain.reset()
            #expect(try find() == nil)
        }

        @Test func anErrorSaysWhatToDoAndNothingOfTheContent() async throws {
            FakeKeychain.reset(items(["amplify.eu-central-1_AbCdEf123.session": "hunter2"], service: Self.amplify))
            guard case let .invalid(problem)? = await refused({ _ = try find() }) else {
                Issue.record("not refused")
                return
            }
            #expect(problem.message == "session must be JSON")
            #expect(problem.recovery.hasPrefix("Keep the store"))
        }

        @Test func aLockedKeychainIsNoEmptyOne() async throws {
            FakeKeychain.reset(items(try golden("amplify_swift"), service: Self.amplify))
            let found = try find()
            for (status, code) in [
                (errSecInteractionNotAllowed, ErrorCode.vaultLocked), (errSecNotAvailable, .vaultUnavailable), (errSecParam, .vaultFailed),
            ] {
                FakeKeychain.fail(status)
                for error in [await refused { _ = try find() }, await refused { try await found?.forgetSource() }] {
                    guard case .store? = error else {
                        Issue.record("not refused: \(status)")
                        continue
                    }
                    #expect(error?.error.code == code)
                }
            }
            FakeKeychain.fail(nil)
            try expectAna(try find())
        }

        /// Whoever moves in stays signed in, and is signed out by the library.
        @Test func anAdoptedSessionIsSignedInHereAndEndsHere() async throws {
            let (fake, auth, configuration) = try await movingIn()
            guard let found = try AmplifySession.find(configuration: configuration) else {
                Issue.record("not found")
                return
            }
            #expect(await auth.adopt(found.session) == .adopted)
            #expect(try await fake.operations() == [])
            _ = try await auth.refresh()
            try await found.forgetSource()
            #expect(FakeKeychain.items.isEmpty)
            #expect(await auth.adopt(found.session) == .alreadySignedIn)
            #expect(await auth.signOut() == .complete)
            #expect(try await fake.liveSessions(of: "ana") == 0)
            #expect(await auth.adopt(found.session) == .alreadySignedOut)

            let other = try AuthConfiguration(userPoolID: fake.userPoolID, clientID: "other")
            guard case let .refused(problem) = await (try Auth(configuration: other, storage: .memory)).adopt(found.session) else {
                Issue.record("not refused")
                return
            }
            #expect(problem.code == .invalidInput)
        }

        /// The app is killed before each removal. Then it starts again.
        @Test func whereverTheAppIsKilledTheNextLaunchEndsInTheSameState() async throws {
            for removals in 0...20 {
                let (_, auth, configuration) = try await movingIn()
                let launch: @Sendable () async throws -> Void = {
                    if await auth.session() == .signedOut, let found = try AmplifySession.find(configuration: configuration) {
                        #expect(await auth.adopt(found.session) == .adopted)
                    }
                    try await AmplifySession.forgetSource(configuration: configuration)
                }
                FakeKeychain.allow(removals: removals)
                let stored = FakeKeychain.items.count
                do {
                    try await launch()
                    #expect(removals == stored)
                } catch let AdoptError.notRemoved(problem, left) {
                    #expect(left.count == stored - removals && problem.code == .vaultUnavailable)
                }
                FakeKeychain.allow(removals: .max)
                try await launch()
                #expect(FakeKeychain.items.isEmpty)
                guard case let .signedIn(session) = await auth.session() else {
                    Issue.record("not signed in")
                    return
                }
                #expect(session.username == "ana")
                #expect(try await auth.device(for: "ana")?.key == "device")
                if removals == stored { return }
            }
            Issue.record("it was always killed")
        }

        /// A device on which Amplify Flutter has signed ana in: each token is an item of its own.
        private func movingIn() async throws -> (FakeCognito, Auth, AuthConfiguration) {
            let fake = try await FakeCognito()
            let tokens = try await fake.signIn("ana")
            FakeKeychain.reset(items([
                "\(fake.clientID).accessToken": tokens.accessToken.reveal(),
                "\(fake.clientID).idToken": tokens.idToken.reveal(),
                "\(fake.clientID).refreshToken": tokens.refreshToken.reveal(),
                "\(fake.clientID).username": "ana@example.com",
                "\(fake.clientID).ana.deviceKey": "device",
                "\(fake.clientID).ana.deviceGroupKey": "group",
                "\(fake.clientID).ana.devicePassword": "password",
            ], service: Self.amplify))
            return (fake, try fake.app(), try fake.configuration())
        }
    }
}

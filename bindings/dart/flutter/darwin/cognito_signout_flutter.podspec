# For apps that still use CocoaPods.
Pod::Spec.new do |s|
  s.name = 'cognito_signout_flutter'
  s.version = '0.1.0'
  s.summary = 'Brings the native library of cognito_signout into Flutter apps.'
  s.homepage = 'https://github.com/cognito-signout/cognito-signout'
  s.license = { :type => 'Apache-2.0', :file => '../LICENSE' }
  s.author = 'The authors of cognito-signout'
  s.source = { :path => '.' }
  s.source_files = 'cognito_signout_flutter/Sources/cognito_signout_flutter/**/*.swift'
  s.vendored_frameworks = 'cognito_signout_flutter/CognitoSignOutFFI.xcframework'
  s.ios.dependency 'Flutter'
  s.osx.dependency 'FlutterMacOS'
  s.ios.deployment_target = '15.0'
  s.osx.deployment_target = '12.0'
  s.pod_target_xcconfig = { 'DEFINES_MODULE' => 'YES' }
  s.swift_version = '5.9'
end

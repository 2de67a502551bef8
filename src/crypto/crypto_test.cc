#include <gtest/gtest.h>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "testing/covers.h"

namespace fiducia::crypto {

namespace {

Bytes Hex(std::string_view hex) { return *FromHex(hex); }

// C2SP XAES-256-GCM, first vector: https://c2sp.org/XAES-256-GCM
TEST(AeadTest, SealsThePublishedXaesVectors) {
  testing::Covers("D2");
  const std::string nonce = "ABCDEFGHIJKLMNOPQRSTUVWX";
  Bytes first;
  SealWithNonce(AeadKey(*Key256::From(Bytes(32, '\x01'))), nonce, "XAES-256-GCM", "", first);
  EXPECT_EQ(ToHex(first.substr(kNonceSize)),
            "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
  Bytes second;
  SealWithNonce(AeadKey(*Key256::From(Bytes(32, '\x03'))), nonce, "XAES-256-GCM",
                "c2sp.org/XAES-256-GCM", second);
  EXPECT_EQ(ToHex(second.substr(kNonceSize)),
            "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
}

TEST(AeadTest, EveryFlippedByteAndEveryOtherContextFails) {
  const AeadKey key(Key256::Random(SystemRng()));
  Bytes sealed;
  Seal(key, "a private value", "where it lives", SystemRng(), sealed);
  Bytes out(sealed.size(), '\0');
  ASSERT_TRUE(Open(key, sealed, "where it lives", out));
  EXPECT_EQ(out.substr(0, 15), "a private value");
  EXPECT_FALSE(Open(key, sealed, "where else", out));
  for (size_t i = 0; i < sealed.size(); ++i) {
    Bytes bad = sealed;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    const Status status = Open(key, bad, "where it lives", out);
    ASSERT_FALSE(status) << i;
    EXPECT_EQ(status.error().code(), Code::kCorrupt);
  }
  EXPECT_FALSE(Open(key, sealed.substr(0, 39), "where it lives", out));
}

// RFC 4231, cases 1, 2 and 6.
TEST(HashTest, HmacPassesThePublishedVectors) {
  EXPECT_EQ(ToHex(View(Hmac(Bytes(20, '\x0b')).Compute({"Hi There"}))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(ToHex(View(Hmac("Jefe").Compute({"what do ya want ", "for nothing?"}))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(ToHex(View(Hmac(Bytes(131, '\xaa'))
                           .Compute({"Test Using Larger Than Block-Size Key - Hash Key First"}))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HashTest, DerivedKeysDifferByEveryPart) {
  const Key256 root = *Key256::From(Bytes(32, '\x42'));
  EXPECT_NE(Derive(root.view(), {"ab", "c"}).view(), Derive(root.view(), {"a", "bc"}).view());
  EXPECT_EQ(Derive(root.view(), {"ab", "c"}).view(), Derive(root.view(), {"ab", "c"}).view());
}

// RFC 8032, section 7.1, test 2.
TEST(SignTest, SignsThePublishedVector) {
  const SigningKey key = SigningKeyFrom(
      *Key256::From(Hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")));
  EXPECT_EQ(ToHex(key.public_key),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const Bytes signature = Sign(key, Hex("72"));
  EXPECT_EQ(ToHex(signature).substr(0, 32), "92a009a9f0d4cab8720e820b5f642540");
  EXPECT_TRUE(Verify(key.public_key, Hex("72"), signature));
  EXPECT_FALSE(Verify(key.public_key, Hex("73"), signature));
}

TEST(SignTest, MakesACertificateWithItsKey) {
  const auto made = MakeSelfSignedCertificate("localhost", 30);
  ASSERT_TRUE(made);
  EXPECT_NE(made->certificate_pem.find("BEGIN CERTIFICATE"), std::string::npos);
  EXPECT_NE(made->private_key_pem.find("PRIVATE KEY"), std::string::npos);
}

TEST(SecretTest, PassphraseGivesTheSameKeyForTheSameSalt) {
  const Bytes salt(16, 's');
  const auto a = KeyFromPassphrase("correct horse", salt);
  const auto b = KeyFromPassphrase("correct horse", salt);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->view(), b->view());
  EXPECT_FALSE(KeyFromPassphrase("correct horse", "short"));
}

}  // namespace

}  // namespace fiducia::crypto

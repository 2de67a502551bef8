#include <gtest/gtest.h>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "crypto/jws.h"
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

// RFC 7515, A.2 and A.3.
TEST(JwsTest, HoldsThePublishedSignatures) {
  const std::string payload =
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
      "VlfQ";
  const std::string rsa_signature =
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
      "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
      "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
      "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
  const Json rsa_key = {
      {"kty", "RSA"},
      {"n",
       "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm"
       "4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
       "bSf63kpaSHSXndS5z5r"
       "exMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_"
       "I5IhlJH7aGhyx"
       "XFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
      {"e", "AQAB"}};
  const std::string ec_signature =
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  const Json ec_key = {{"kty", "EC"},
                       {"crv", "P-256"},
                       {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                       {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}};
  const auto rsa = ReadJws("eyJhbGciOiJSUzI1NiJ9." + payload + "." + rsa_signature);
  const auto ec = ReadJws("eyJhbGciOiJFUzI1NiJ9." + payload + "." + ec_signature);
  ASSERT_TRUE(rsa && ec);
  EXPECT_EQ(JsonText(rsa->payload, "iss"), "joe");
  EXPECT_TRUE(IsSignedBy(*rsa, rsa_key));
  EXPECT_TRUE(IsSignedBy(*ec, ec_key));
  // The other's key, another algorithm than the header's, another use, a changed byte, an inflated
  // or missing number.
  EXPECT_FALSE(IsSignedBy(*rsa, ec_key));
  EXPECT_FALSE(IsSignedBy(*ec, rsa_key));
  Jws changed = *rsa;
  changed.header["alg"] = "PS256";
  EXPECT_FALSE(IsSignedBy(changed, rsa_key));
  changed = *ec;
  changed.header["alg"] = "none";
  EXPECT_FALSE(IsSignedBy(changed, ec_key));
  changed = *ec;
  changed.signature[7] = static_cast<char>(changed.signature[7] ^ 1);
  EXPECT_FALSE(IsSignedBy(changed, ec_key));
  changed.signature.push_back('\0');
  EXPECT_FALSE(IsSignedBy(changed, ec_key));
  for (const auto& [member, value] : {std::pair("use", "enc"),
                                      {"alg", "RS256"},
                                      {"x", "AAAA"},
                                      {"crv", "P-521"},
                                      {"kty", "oct"}}) {
    Json key = ec_key;
    key[member] = value;
    EXPECT_FALSE(IsSignedBy(*ec, key)) << member;
  }
  Json weak = rsa_key;
  weak["n"] = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTY";  // 256 bits
  EXPECT_FALSE(IsSignedBy(*rsa, weak));
  for (const char* broken : {"", "a.b", "a.b.c.d", "e30.e30.", "e30.W10.AA",
                             "eyJhbGciOiJFUzI1NiIsImNyaXQiOlsiYjY0Il19.e30.AA"}) {
    const auto token = ReadJws(broken);
    EXPECT_TRUE(!token || !IsSignedBy(*token, ec_key)) << broken;
  }
}

// Sealed by @hpke/core 1.9.0 (npm) for the key pair that it derived from the bytes 0 to 31.
TEST(HpkeTest, OpensWhatAnotherLibrarySealed) {
  testing::Covers("B9");
  Bytes seed;
  for (char i = 0; i < 32; ++i) {
    seed.push_back(i);
  }
  const HpkeKey key = HpkeKeyFrom(*Key256::From(seed));
  EXPECT_EQ(
      ToHex(key.public_key),
      "04cfb264d85c7eb276cf60773c461d722e25b64bf345d077c1a8b10c05b8decb45b7ad849cce5e9660102f3f"
      "368afd22fe797caf6c3a9cbcbe7657b27bbcddfdb1");
  const Bytes enc = Hex(
      "040ae4ba5681f607fb6b2cd47bf4cce0cd1979394cf7dfa70a8f9bad9f04fc1bf847b6886836c8e126b01928ddb7"
      "a2155bfe3161116dd61af8d198b6bd91814b2e");
  const Bytes sealed = Hex("4a61ec608498fcec9443382ed8946dcb6ddd0411ef2982c5f4440d9f41703a");
  const auto opened = HpkeOpen(key, enc, "form", "m-1", sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, "the text 文字");
  EXPECT_FALSE(HpkeOpen(key, enc, "form", "m-2", sealed)) << "of another message";
  EXPECT_FALSE(HpkeOpen(key, enc, "event", "m-1", sealed)) << "for something else";
  EXPECT_FALSE(HpkeOpen(HpkeKeyFrom(Key256::Random(SystemRng())), enc, "form", "m-1", sealed));
  for (size_t i = 0; i < sealed.size(); ++i) {
    Bytes bad = sealed;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(HpkeOpen(key, enc, "form", "m-1", bad)) << i;
  }
  for (const size_t size : {size_t{0}, size_t{1}, size_t{15}, sealed.size() - 1}) {
    EXPECT_FALSE(HpkeOpen(key, enc, "form", "m-1", sealed.substr(0, size))) << size;
  }
}

TEST(HpkeTest, TakesNoPointThatIsNotOnTheCurve) {
  testing::Covers("D2");
  const HpkeKey key = HpkeKeyFrom(Key256::Random(SystemRng()));
  const auto made = HpkeSeal(key.public_key, "i", "c", "text", SystemRng());
  ASSERT_TRUE(made);
  EXPECT_EQ(HpkeOpen(key, made->enc, "i", "c", made->sealed).value_or(""), "text");
  Bytes off = made->enc;
  off[40] = static_cast<char>(off[40] ^ 1);
  EXPECT_FALSE(HpkeOpen(key, off, "i", "c", made->sealed));
  for (const Bytes& point : {Bytes(), Bytes(65, '\0'), Bytes(1, '\0'), Bytes(65, '\x04'),
                             made->enc.substr(0, 33), made->enc + "x"}) {
    EXPECT_FALSE(HpkeOpen(key, point, "i", "c", made->sealed));
    EXPECT_FALSE(HpkeSeal(point, "i", "c", "text", SystemRng()));
  }
}

}  // namespace

}  // namespace fiducia::crypto

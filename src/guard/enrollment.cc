#include "guard/enrollment.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/second_factor.h"
#include "guard/oidc.h"

namespace fiducia::guard {

namespace {

constexpr size_t kTotpSecret = 20;
constexpr int kRecoveryCodes = 10;
constexpr size_t kPasskeysMost = 10;
constexpr size_t kLabelMost = 60;

}  // namespace

Status Enrollment::MayAddFactor(const Session& session, const User& user) const {
  return user.has_second_factor() ? sign_in_.RequireFresh(session) : Status();
}

Result<Enrollment::TotpOffer> Enrollment::OfferTotp(const Session& session) {
  People& people = sign_in_.people();
  Bytes secret(kTotpSecret, '\0');
  people.rng().Fill(secret);
  std::string login;
  const auto offer = [&](User& user) -> Status {
    FID_TRY(MayAddFactor(session, user));
    user.totp_offered = secret;
    login = PercentEncoded(user.login.Reveal());
    return {};
  };
  FID_TRY(people.Change(session.user, offer, people.NewLeaf(session.user, "factor.offer")));
  const std::string text = crypto::ToBase32(secret);
  return TotpOffer{text, "otpauth://totp/Fiducia:" + login + "?secret=" + text +
                             "&issuer=Fiducia&algorithm=SHA1&digits=6&period=30"};
}

// Ten codes of 50 bits: kept as keyed hashes, each good once.
std::vector<std::string> Enrollment::MakeCodes(User& user) const {
  std::vector<std::string> codes;
  user.recovery.clear();
  for (int i = 0; i < kRecoveryCodes; ++i) {
    Bytes random(7, '\0');
    sign_in_.people().rng().Fill(random);
    const std::string text = LowerAscii(crypto::ToBase32(random)).substr(0, 10);
    codes.push_back(text.substr(0, 5) + "-" + text.substr(5));
    user.recovery.push_back(
        sign_in_.people().vault().KeyedHash("recovery", user.id.Text() + codes.back()));
  }
  return codes;
}

Result<Enrollment::Enrolled> Enrollment::FactorAdded(const Session& session, const std::string& how,
                                                     const std::function<Status(User& user)>& add) {
  People& people = sign_in_.people();
  Enrolled enrolled;
  const auto change = [&](User& user) -> Status {
    FID_TRY(MayAddFactor(session, user));
    const bool first = !user.has_second_factor();
    FID_TRY(add(user));
    if (first) {
      enrolled.recovery_codes = MakeCodes(user);
    }
    return {};
  };
  FID_TRY(people.Change(session.user, change, people.NewLeaf(session.user, "factor.add." + how)));
  FID_ASSIGN(enrolled.signed_in.opened,
             sign_in_.sessions().Rotate(session, 2, people.NewLeaf(session.user, "session.start")));
  return enrolled;
}

Result<Enrollment::Enrolled> Enrollment::ConfirmTotp(const Session& session,
                                                     const std::string& code) {
  const int64_t now_s = sign_in_.people().clock().NowMs() / 1000;
  return FactorAdded(session, "totp", [&](User& user) -> Status {
    const auto step = user.totp_offered.empty()
                          ? std::nullopt
                          : crypto::TotpStep(user.totp_offered, code, now_s, 0);
    if (!step) {
      return Fail(Code::kInvalidValue,
                  "this is not the code of the moment: check the clock of your device");
    }
    user.totp_secret = user.totp_offered;
    user.totp_offered.clear();
    user.totp_step = *step;
    return {};
  });
}

Result<Enrollment::Enrolled> Enrollment::AddPasskey(const Session& session,
                                                    const PasskeyAnswer& answer,
                                                    const std::string& label) {
  if (label.empty() || label.size() > kLabelMost || !IsUtf8(label)) {
    return Fail(Code::kInvalidInput, "a passkey has a name of at most 60 bytes");
  }
  FID_ASSIGN(const crypto::PasskeyCredential credential,
             sign_in_.ceremony().Register(session.id, answer));
  if (sign_in_.people().FindByPasskey(credential.id) != nullptr) {
    return Fail(Code::kConflict, "this passkey is registered already");
  }
  return FactorAdded(session, "passkey", [&](User& user) -> Status {
    if (user.passkeys.size() >= kPasskeysMost) {
      return Fail(Code::kConflict, "a person has ten passkeys at most");
    }
    user.passkeys.push_back({credential, label, sign_in_.people().clock().NowMs(), 0});
    return {};
  });
}

Status Enrollment::RemovePasskey(const Session& session, const std::string& id) {
  FID_TRY(sign_in_.RequireFresh(session));
  const auto wanted = FromBase64Url(id);
  People& people = sign_in_.people();
  return people.Change(
      session.user,
      [&](User& user) -> Status {
        const auto found =
            std::find_if(user.passkeys.begin(), user.passkeys.end(),
                         [&](const Passkey& p) { return wanted && p.credential.id == *wanted; });
        if (found == user.passkeys.end()) {
          return Fail(Code::kNotFound, "there is no such passkey");
        }
        user.passkeys.erase(found);
        if (!user.has_second_factor()) {
          return Fail(Code::kConflict, "one second factor must remain");
        }
        return {};
      },
      people.NewLeaf(session.user, "factor.remove.passkey"));
}

Result<std::vector<std::string>> Enrollment::NewRecoveryCodes(const Session& session) {
  FID_TRY(sign_in_.RequireFresh(session));
  std::vector<std::string> codes;
  FID_TRY(sign_in_.people().Change(
      session.user,
      [&](User& user) -> Status {
        codes = MakeCodes(user);
        return {};
      },
      sign_in_.people().NewLeaf(session.user, "factor.recovery_codes")));
  return codes;
}

Result<SignedIn> Enrollment::ChangePassword(const Session& session, const model::Sensitive& before,
                                            const model::Sensitive& after) {
  FID_TRY(sign_in_.RequireFresh(session));
  People& people = sign_in_.people();
  FID_ASSIGN(const UserPtr user, people.Find(session.user));
  FID_ASSIGN(const bool right,
             sign_in_.passwords().Matches(before, {user->password_salt, user->password_hash}));
  if (!right) {
    return Fail(Code::kUnauthenticated, "the present password is wrong");
  }
  FID_TRY(sign_in_.passwords().Check(
      after, {user->login, user->name, model::Sensitive::CopyOf("fiducia")}));
  FID_ASSIGN(const Passwords::Hashed hashed, sign_in_.passwords().Hash(after));
  FID_TRY(people.Change(
      session.user,
      [&](User& changed) -> Status {
        changed.password_salt = hashed.salt;
        changed.password_hash = hashed.hash;
        return {};
      },
      people.NewLeaf(session.user, "person.password"),
      sign_in_.sessions().ChangesToEnd(session.user)));
  sign_in_.sessions().Forget(session.user);
  Session fresh;
  fresh.user = session.user;
  fresh.factors = 2;
  fresh.device = session.device;
  FID_ASSIGN(Sessions::Opened opened,
             sign_in_.sessions().Start(fresh, people.NewLeaf(session.user, "session.start")));
  return SignedIn{std::move(opened), {}};
}

Status Enrollment::SignAgreement(const Session& session, const std::string& version) {
  People& people = sign_in_.people();
  const rules::Agreement& agreement = people.gate().policy().agreement;
  if (version != agreement.version) {
    return Fail(Code::kConflict, "this is not the version in force: read it again");
  }
  audit::Leaf leaf = people.NewLeaf(session.user, "agreement.sign");
  leaf.detail = agreement.id + " " + agreement.version;
  return people.Change(
      session.user,
      [&](User& user) -> Status {
        user.agreements[agreement.id] = {agreement.version, people.clock().NowMs()};
        return {};
      },
      leaf);
}

Result<Enrollment::Graded> Enrollment::TakeCourse(const Session& session, const std::string& id,
                                                  const std::vector<int>& answers) {
  People& people = sign_in_.people();
  const auto& courses = people.gate().policy().courses;
  const auto course = std::find_if(courses.begin(), courses.end(),
                                   [&](const rules::Course& c) { return c.id == id; });
  if (course == courses.end()) {
    return Fail(Code::kNotFound, "there is no such course");
  }
  if (answers.size() != course->questions.size()) {
    return Fail(Code::kInvalidInput, "answer every question");
  }
  Graded graded;
  graded.needed = course->pass_mark;
  for (size_t i = 0; i < answers.size(); ++i) {
    const auto& choices = course->questions[i].choices;
    const auto chosen = static_cast<size_t>(answers[i]);
    graded.right += chosen < choices.size() && choices[chosen].right ? 1 : 0;
  }
  graded.passed = graded.right >= graded.needed;
  audit::Leaf leaf = people.NewLeaf(session.user, graded.passed ? "course.pass" : "course.fail");
  leaf.detail = course->id + " " + course->version;
  FID_TRY(people.Change(
      session.user,
      [&](User& user) -> Status {
        if (graded.passed) {
          user.courses[course->id] = {course->version, people.clock().NowMs()};
        }
        return {};
      },
      leaf));
  return graded;
}

}  // namespace fiducia::guard

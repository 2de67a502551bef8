// What people do to their own accounts: second factors, recovery codes, a new password, the
// agreement they sign and the courses they take.
#pragma once

#include "guard/sign_in.h"

namespace fiducia::guard {

// Thread safe.
class Enrollment {
 public:
  explicit Enrollment(SignIn& sign_in) : sign_in_(sign_in) {}

  struct TotpOffer {
    std::string secret;  // base32, to type
    std::string uri;     // otpauth://, for a QR code
  };
  // Adding a second factor where there is one already needs a fresh one. Errors: kStepUpRequired.
  Result<TotpOffer> OfferTotp(const Session& session);
  struct Enrolled {
    SignedIn signed_in;
    std::vector<std::string> recovery_codes;  // with the first factor; shown once
  };
  Result<Enrolled> ConfirmTotp(const Session& session, const std::string& code);
  Result<Enrolled> AddPasskey(const Session& session, const PasskeyAnswer& answer,
                              const std::string& label);
  // Errors: kConflict for the last second factor.
  Status RemovePasskey(const Session& session, const std::string& id);
  Result<std::vector<std::string>> NewRecoveryCodes(const Session& session);
  // Ends all other sessions. Errors: kUnauthenticated for a wrong old one, kInvalidValue.
  Result<SignedIn> ChangePassword(const Session& session, const model::Sensitive& before,
                                  const model::Sensitive& after);

  // Errors: kConflict if that is not the version in force.
  Status SignAgreement(const Session& session, const std::string& version);
  struct Graded {
    bool passed = false;
    int right = 0;
    int needed = 0;
  };
  // `answers`: the place of the choice for every question, from 0. Errors: kNotFound.
  Result<Graded> TakeCourse(const Session& session, const std::string& course,
                            const std::vector<int>& answers);

 private:
  Status MayAddFactor(const Session& session, const User& user) const;
  Result<Enrolled> FactorAdded(const Session& session, const std::string& how,
                               const std::function<Status(User& user)>& add);
  std::vector<std::string> MakeCodes(User& user) const;

  SignIn& sign_in_;
};

}  // namespace fiducia::guard

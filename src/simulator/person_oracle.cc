#include "simulator/person_oracle.h"

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "simulator/person_identity.h"

namespace enrich::simulator {
namespace {

// ---- Markers ----------------------------------------------------------------

enum class Marker {
  kNone,
  kNotFound,
  kFound,
  kOnlyEnrow,
  kOnlyFullEnrich,
  kOnlyPronto,
  kCatchAll,
  kInvalid,
  kLandline,
};

Marker MarkerOf(absl::string_view last_name) {
  static constexpr std::pair<absl::string_view, Marker> kMarkers[] = {
      {"notfound", Marker::kNotFound},
      {"found", Marker::kFound},
      {"onlyenrow", Marker::kOnlyEnrow},
      {"onlyfullenrich", Marker::kOnlyFullEnrich},
      {"onlypronto", Marker::kOnlyPronto},
      {"catchall", Marker::kCatchAll},
      {"invalid", Marker::kInvalid},
      {"landline", Marker::kLandline},
  };
  for (const auto& [name, marker] : kMarkers) {
    if (last_name == name) return marker;
  }
  return Marker::kNone;
}

// What a provider knows of somebody.
struct Known {
  bool work_email = false;
  bool invalid_work_email = false;
  bool personal_email = false;
  bool invalid_personal_email = false;
  bool mobile = false;
  bool landline = false;
};
constexpr Known kEverything = {.work_email = true,
                               .personal_email = true,
                               .mobile = true,
                               .landline = true};

Known KnownByMarker(Marker marker, Provider provider) {
  const auto only = [provider](Provider who) {
    return provider == who ? kEverything : Known{};
  };
  switch (marker) {
    case Marker::kFound:
      return kEverything;
    case Marker::kOnlyEnrow:
      return only(Provider::kEnrow);
    case Marker::kOnlyFullEnrich:
      return only(Provider::kFullEnrich);
    case Marker::kOnlyPronto:
      return only(Provider::kPronto);
    case Marker::kCatchAll:
      return {.work_email = true};
    case Marker::kInvalid:
      return {.invalid_work_email = provider == Provider::kFullEnrich,
              .invalid_personal_email = provider == Provider::kPronto};
    case Marker::kLandline:
      return {.landline = provider != Provider::kEnrow};
    case Marker::kNone:
    case Marker::kNotFound:
      break;
  }
  return {};
}

// Percent of people known; of invalid ones, percent of those not known.
struct Shares {
  uint64_t work_email = 0;
  uint64_t invalid_work_email = 0;
  uint64_t personal_email = 0;
  uint64_t invalid_personal_email = 0;
  uint64_t mobile = 0;
  uint64_t landline = 0;
};

Shares SharesOf(Provider provider) {
  switch (provider) {
    case Provider::kEnrow:
      return {.work_email = 60, .mobile = 40};
    case Provider::kFullEnrich:
      return {.work_email = 70,
              .invalid_work_email = 10,
              .personal_email = 40,
              .mobile = 45,
              .landline = 15};
    case Provider::kPronto:
      return {.work_email = 65,
              .personal_email = 30,
              .invalid_personal_email = 10,
              .mobile = 50,
              .landline = 10};
  }
  return {};
}

Known KnownByChance(const PersonOracle& oracle, const PersonIdentity& identity,
                    Provider provider) {
  const auto chance = [&](absl::string_view key, absl::string_view what,
                          uint64_t percent) {
    const std::string salt = absl::StrCat(ProviderName(provider), what);
    return oracle.Draw(key, salt, 100) < percent;
  };
  const Shares shares = SharesOf(provider);
  const std::string& work = identity.work_key;
  const std::string& own = identity.private_key;
  Known known = {
      .work_email = chance(work, "email", shares.work_email),
      .personal_email = chance(own, "personal", shares.personal_email),
      .mobile = chance(own, "mobile", shares.mobile),
      .landline = chance(own, "landline", shares.landline)};
  known.invalid_work_email =
      !known.work_email && chance(work, "invalid", shares.invalid_work_email);
  known.invalid_personal_email =
      !known.personal_email &&
      chance(own, "invalidpersonal", shares.invalid_personal_email);
  return known;
}

// ---- Values -----------------------------------------------------------------

// Where numbers for fiction are: 'x' stands for a digit to draw.
struct NumberRange {
  absl::string_view region;
  absl::string_view pattern;
};
constexpr NumberRange kMobiles[] = {
    {"US", "+1 202-555-01xx"},  {"US", "+1 303-555-01xx"},
    {"US", "+1 415-555-01xx"},  {"US", "+1 617-555-01xx"},
    {"DE", "+49 171 39200xx"},  {"DE", "+49 176 040690xx"},
    {"SE", "+46 70-174 06 1x"}, {"SE", "+46 70-174 06 3x"},
    {"AU", "+61 491 570 156"},  {"AU", "+61 491 571 804"},
};
constexpr NumberRange kLandlines[] = {
    {"FR", "+33 1 99 00 xx xx"}, {"GB", "+44 20 7946 0xxx"},
    {"DE", "+49 30 23125xxx"},   {"SE", "+46 8 465 004 xx"},
    {"AU", "+61 2 5550 xxxx"},
};

template <size_t n>
FoundPhone DrawPhone(const PersonOracle& oracle, absl::string_view key,
                     absl::string_view salt, const NumberRange (&ranges)[n]) {
  const NumberRange& range = ranges[oracle.Draw(key, salt, n)];
  uint64_t digits = oracle.Draw(key, absl::StrCat(salt, "digits"), 1000000);
  FoundPhone phone{.number = std::string(range.pattern),
                   .region = range.region};
  for (char& c : phone.number) {
    if (c != 'x') continue;
    c = static_cast<char>('0' + digits % 10);
    digits /= 10;
  }
  return phone;
}

// Every company has one way of making addresses.
std::string LocalPart(const PersonOracle& oracle,
                      const PersonIdentity& identity) {
  std::string first = AsciiOf(identity.first, "contact");
  const std::string last = AsciiOf(identity.last, "");
  if (last.empty()) return first;
  switch (oracle.Draw(identity.domain, "pattern", 4)) {
    case 0:
      return absl::StrCat(first, ".", last);
    case 1:
      return absl::StrCat(first.substr(0, 1), last);
    case 2:
      return absl::StrCat(first.substr(0, 1), ".", last);
    default:
      return absl::StrCat(first, "_", last);
  }
}

absl::string_view DrawQuality(const PersonOracle& oracle,
                              absl::string_view key) {
  const uint64_t percent = oracle.Draw(key, "quality", 100);
  if (percent < 70) return "DELIVERABLE";
  return percent < 88 ? "HIGH_PROBABILITY" : "CATCH_ALL";
}

absl::string_view DrawTitle(const PersonOracle& oracle, absl::string_view key) {
  static constexpr std::array<absl::string_view, 6> kTitles = {
      "Head of Sales",   "Software Engineer",  "Chief Financial Officer",
      "Product Manager", "Purchasing Manager", "Data Analyst"};
  return kTitles[oracle.Draw(key, "title", kTitles.size())];
}

}  // namespace

std::string FoundPhone::E164() const {
  std::string out;
  for (const char c : number) {
    if (c != ' ' && c != '-') out += c;
  }
  return out;
}

uint64_t PersonOracle::Draw(absl::string_view text, absl::string_view salt,
                            uint64_t bound) const {
  // FNV-1a, then the finaliser of SplitMix64: the low bits must be good.
  uint64_t hash = 14695981039346656037u ^ seed_;
  const auto mix = [&hash](absl::string_view bytes) {
    for (const char c : bytes) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    }
    hash = (hash ^ 0x100u) * 1099511628211u;
  };
  mix(salt);
  mix(text);
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
  return (hash ^ (hash >> 31)) % bound;
}

bool IsFreeOfCharge(const PersonQuery& query) {
  return DomainOf(query) == "fullenrich.com" &&
         absl::EqualsIgnoreCase(ProfileId(query.linkedin_url), "demoge");
}

Person PersonOracle::Find(Provider provider, const PersonQuery& query) const {
  const PersonIdentity identity = Identify(query);
  const bool certain =
      provider == Provider::kFullEnrich && IsFreeOfCharge(query);
  const Marker marker = certain ? Marker::kFound : MarkerOf(identity.last);
  const Known known = marker == Marker::kNone
                          ? KnownByChance(*this, identity, provider)
                          : KnownByMarker(marker, provider);
  Person person{.exists = marker != Marker::kNotFound,
                .first_name = query.first_name,
                .last_name = query.last_name,
                .company_name = identity.company_name,
                .domain = identity.domain,
                .job_title = DrawTitle(*this, identity.private_key)};
  if (person.first_name.empty()) {
    person.first_name = Capitalized(identity.first);
    person.last_name = Capitalized(identity.last);
  }
  if (known.work_email || known.invalid_work_email) {
    person.work_email = {.address = absl::StrCat(LocalPart(*this, identity),
                                                 "@", identity.domain),
                         .status = known.invalid_work_email      ? "INVALID"
                                   : marker == Marker::kCatchAll ? "CATCH_ALL"
                                   : marker != Marker::kNone
                                       ? "DELIVERABLE"
                                       : DrawQuality(*this, identity.work_key)};
  }
  const std::string& key = identity.private_key;
  if (known.personal_email || known.invalid_personal_email) {
    person.personal_email = {
        .address = absl::StrCat(AsciiOf(identity.first, "contact"),
                                Draw(key, "personal", 100000), "@mail.example"),
        .status =
            known.invalid_personal_email ? "INVALID" : DrawQuality(*this, key)};
  }
  if (known.mobile) person.mobile = DrawPhone(*this, key, "mobile", kMobiles);
  if (known.landline) {
    person.landline = DrawPhone(*this, key, "landline", kLandlines);
  }
  return person;
}

bool PersonOracle::IsDeliverable(absl::string_view email) const {
  const std::string address = absl::AsciiStrToLower(email);
  const absl::string_view local =
      absl::string_view(address).substr(0, address.find('@'));
  if (absl::EndsWith(local, "notfound") || absl::EndsWith(local, "invalid")) {
    return false;
  }
  return Draw(address, "verify", 100) < 80;
}

std::optional<Person> PersonOracle::FindByEmail(absl::string_view email) const {
  const std::string address = absl::AsciiStrToLower(email);
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(address, absl::MaxSplits('@', 1));
  if (absl::EndsWith(parts.first, "notfound") ||
      Draw(address, "reverse", 100) >= 50) {
    return std::nullopt;
  }
  return Find(Provider::kFullEnrich,
              {.full_name = parts.first, .domain = parts.second});
}

}  // namespace enrich::simulator

#include "base/domain.h"

#include <gmock/gmock.h>

#include "support/status_matchers.h"

namespace enrich {
namespace {

struct Spelling {
  std::string text;
  std::string normal;
};

TEST(NormalizeDomain, ReducesHostsAndUrls) {
  const Spelling kSpellings[] = {
      {"acme.com", "acme.com"},
      {"  Acme.COM\n", "acme.com"},
      {"www.acme.com", "acme.com"},
      {"WWW.acme.com.", "acme.com"},
      {"https://www.Acme.com/about?x=1#y", "acme.com"},
      {"HTTP://acme.com", "acme.com"},
      {"//acme.com/path", "acme.com"},
      {"acme.com/about", "acme.com"},
      {"acme.com?utm=1", "acme.com"},
      {"https://user:pass@acme.com:8443/", "acme.com"},
      {"acme.com:443", "acme.com"},
      {"acme.com:", "acme.com"},
      {"https://acme.com\\@evil.example", "acme.com"},
      {"https://evil.example@acme.com", "acme.com"},
      {"mail.eu.acme.co.uk", "mail.eu.acme.co.uk"},
      {"acme.co.uk", "acme.co.uk"},
      {"a-b.example", "a-b.example"},
      {"www.www.acme.com", "www.acme.com"},
      // Domains of their own.
      {"www.com", "www.com"},
      {"www.co.uk", "www.co.uk"},
      {"github.io", "github.io"},
      {"acme.unknown-tld", "acme.unknown-tld"},
      // International names.
      {"m\u00FCnchen.de", "xn--mnchen-3ya.de"},
      {"https://www.M\u00DCNCHEN.de/", "xn--mnchen-3ya.de"},
      {"xn--mnchen-3ya.de", "xn--mnchen-3ya.de"},
      {"XN--MNCHEN-3YA.DE", "xn--mnchen-3ya.de"},
      {"stra\u00DFe.example", "xn--strae-oqa.example"},
      {"\u4F8B\u3048.jp", "xn--r8jz45g.jp"},
      {"acme\u3002com", "acme.com"},
  };
  for (const auto& [text, normal] : kSpellings) {
    ASSERT_OK_AND_ASSIGN(const std::string got, NormalizeDomain(text));
    EXPECT_EQ(got, normal) << text;
  }
}

TEST(NormalizeDomain, RefusesWhatIsNoDomain) {
  for (const std::string& text : {
           std::string(""),
           std::string("   "),
           std::string("com"),
           std::string("co.uk"),
           std::string("localhost"),
           std::string("https://"),
           std::string("http:///path"),
           std::string("127.0.0.1"),
           std::string("127.1"),
           std::string("2130706433"),
           std::string("http://0x7f.0x1"),
           std::string("1.2.3.4:80"),
           std::string("[::1]"),
           std::string("http://[2001:db8::1]/"),
           std::string("::1"),
           std::string("ada@acme.com"),
           std::string("ftp://acme.com"),
           std::string("acme..com"),
           std::string(".acme.com"),
           std::string("acme.com.."),
           std::string("-acme.com"),
           std::string("acme-.com"),
           std::string("ac me.com"),
           std::string("ac_me.com"),
           std::string("ac%6de.com"),
           std::string("acme.com:8x"),
           std::string("a\0b.com", 7),
           std::string("\xFF\xFE.com"),
           std::string("\u00FC\xFF.com"),
           std::string("\u200D.com"),
           std::string(64, 'a') + ".com",
           std::string(1 << 20, 'a'),
       }) {
    EXPECT_THAT(NormalizeDomain(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text.substr(0, 80);
  }
}

TEST(NormalizeDomain, HoldsTheLimitOf253Bytes) {
  std::string host;
  while (host.size() < 240) host += "abcdefghi.";
  EXPECT_THAT(NormalizeDomain(host + std::string(9, 'x') + ".com"), IsOk());
  EXPECT_THAT(NormalizeDomain(host + std::string(10, 'x') + ".com"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(NormalizeDomain, NeverRepeatsTheInput) {
  EXPECT_THAT(NormalizeDomain("not_a_domain").status().message(),
              testing::Not(testing::HasSubstr("not_a_domain")));
}

TEST(NormalizeLinkedinUrl, FoldsEverySpelling) {
  const Spelling kSpellings[] = {
      {"https://www.linkedin.com/in/ada", "ada"},
      {"http://linkedin.com/in/ada/", "ada"},
      {"linkedin.com/in/ada", "ada"},
      {"//www.linkedin.com/in/ada", "ada"},
      {" https://fr.linkedin.com/in/ada?trk=x#top ", "ada"},
      {"HTTPS://UK.LinkedIn.com/IN/Ada-Example-1a2b", "Ada-Example-1a2b"},
      {"m.linkedin.com/in/ada", "ada"},
      {"www.linkedin.com/in/ada/details/experience/", "ada"},
      {"www.linkedin.com/in/ada/en", "ada"},
      {"https://www.linkedin.com/in/ACwAAAExample_id-9", "ACwAAAExample_id-9"},
      {"https://www.linkedin.com/sales/lead/ACwAAAExample,NAME_SEARCH,x1",
       "ACwAAAExample"},
      {"https://www.linkedin.com/sales/people/ACwAAAExample", "ACwAAAExample"},
      {"www.linkedin.com/in/jos%C3%A9", "jos%C3%A9"},
      {"www.linkedin.com/in/jos\u00E9", "jos%C3%A9"},
  };
  for (const auto& [text, id] : kSpellings) {
    ASSERT_OK_AND_ASSIGN(const std::string got, NormalizeLinkedinUrl(text));
    EXPECT_EQ(got, "https://www.linkedin.com/in/" + id) << text;
  }
}

TEST(NormalizeLinkedinUrl, RefusesWhatIsNoProfile) {
  for (const absl::string_view text :
       {"",
        "ada",
        "linkedin.com",
        "https://www.linkedin.com/",
        "https://www.linkedin.com/in/",
        "https://www.linkedin.com/in",
        "https://www.linkedin.com/in//ada",
        "linkedin.com/in/.",
        "linkedin.com/in/..",
        "linkedin.com/company/acme",
        "linkedin.com/school/acme",
        "linkedin.com/pub/ada/1/2/3",
        "linkedin.com/sales/company/1",
        "linkedin.com/sales/lead/,x",
        "https://linkedin.com.evil.example/in/ada",
        "https://notlinkedin.com/in/ada",
        "https://evil.example/in/ada",
        "https://user@www.linkedin.com/in/ada",
        "https://www.linkedin.com:443/in/ada",
        "https://a.b.linkedin.com/in/ada",
        "ftp://linkedin.com/in/ada",
        "linkedin.com/in/a b",
        "linkedin.com/in/a%",
        "linkedin.com/in/a%2",
        "linkedin.com/in/a%zz",
        "linkedin.com/in/a%00b",
        "linkedin.com/in/a%2Fb",
        "linkedin.com/in/a%3Fb",
        "linkedin.com/in/a<b>",
        "linkedin.com/in/\xFF"}) {
    EXPECT_THAT(NormalizeLinkedinUrl(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(NormalizeEmail, LowersTheDomainOnly) {
  const Spelling kSpellings[] = {
      {"ada@acme.com", "ada@acme.com"},
      {" Ada.L+x@Acme.COM ", "Ada.L+x@acme.com"},
      {"ada@www.acme.com", "ada@www.acme.com"},
      {"ada@m\u00FCnchen.de", "ada@xn--mnchen-3ya.de"},
      {"o'hara@acme.com", "o'hara@acme.com"},
      {"jos\u00E9@acme.com", "jos\u00E9@acme.com"},
  };
  for (const auto& [text, normal] : kSpellings) {
    ASSERT_OK_AND_ASSIGN(const std::string got, NormalizeEmail(text));
    EXPECT_EQ(got, normal) << text;
  }
}

TEST(NormalizeEmail, RefusesWhatIsNoAddress) {
  for (const std::string& text :
       {std::string(""), std::string("ada"), std::string("@acme.com"),
        std::string("ada@"), std::string("ada@com"),
        std::string("ada@127.0.0.1"), std::string("ada@[127.0.0.1]"),
        std::string("a b@acme.com"), std::string("a@b@acme.com"),
        std::string("\"ada\"@acme.com"), std::string("<ada@acme.com>"),
        std::string("ada@acme.com/x"), std::string("ada@https://acme.com"),
        std::string("a\0b@acme.com", 12), std::string("a\nb@acme.com"),
        std::string("\xFF@acme.com"), std::string(65, 'a') + "@acme.com"}) {
    EXPECT_THAT(NormalizeEmail(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

}  // namespace
}  // namespace enrich

#include "http/address_policy.h"

#include <netinet/in.h>

#include <cstdint>
#include <cstring>

#include "absl/algorithm/container.h"

namespace enrich {
namespace {

struct Ipv4Range {
  uint32_t prefix;
  int bits;
};

constexpr uint32_t Ipv4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// The IANA special-purpose registry, what is not globally reachable.
constexpr Ipv4Range kSpecialIpv4[] = {
    {Ipv4(0, 0, 0, 0), 8},        // this network
    {Ipv4(10, 0, 0, 0), 8},       // private
    {Ipv4(100, 64, 0, 0), 10},    // carrier-grade NAT
    {Ipv4(127, 0, 0, 0), 8},      // loopback
    {Ipv4(169, 254, 0, 0), 16},   // link-local, cloud metadata
    {Ipv4(172, 16, 0, 0), 12},    // private
    {Ipv4(192, 0, 0, 0), 24},     // protocol assignments
    {Ipv4(192, 0, 2, 0), 24},     // documentation
    {Ipv4(192, 88, 99, 0), 24},   // 6to4 relays
    {Ipv4(192, 168, 0, 0), 16},   // private
    {Ipv4(198, 18, 0, 0), 15},    // benchmarking
    {Ipv4(198, 51, 100, 0), 24},  // documentation
    {Ipv4(203, 0, 113, 0), 24},   // documentation
    {Ipv4(224, 0, 0, 0), 4},      // multicast
    {Ipv4(240, 0, 0, 0), 4},      // reserved, broadcast
};

bool IsPublicIpv4(uint32_t address) {
  return absl::c_none_of(kSpecialIpv4, [address](const Ipv4Range& range) {
    const int shift = 32 - range.bits;
    return address >> shift == range.prefix >> shift;
  });
}

uint32_t ReadBigEndian(const uint8_t* bytes) {
  return Ipv4(bytes[0], bytes[1], bytes[2], bytes[3]);
}

bool IsPublicIpv6(const in6_addr& address) {
  const uint8_t* bytes = address.s6_addr;
  constexpr uint8_t kNat64[12] = {0x00, 0x64, 0xff, 0x9b};
  if (std::memcmp(bytes, kNat64, sizeof(kNat64)) == 0) {
    return IsPublicIpv4(ReadBigEndian(bytes + 12));
  }
  const uint32_t head = ReadBigEndian(bytes);
  const bool global_unicast = head >> 29 == 1;             // 2000::/3
  const bool protocol_assignment = head >> 9 == 0x100080;  // 2001::/23, Teredo
  const bool documentation =
      head == 0x20010db8 || head >> 12 == 0x3fff0;  // 2001:db8::/32, 3fff::/20
  const bool six_to_four = head >> 16 == 0x2002;
  return global_unicast && !protocol_assignment && !documentation &&
         !six_to_four;
}

}  // namespace

bool IsPublicAddress(const sockaddr* address, socklen_t length) {
  if (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof(v4));
    return IsPublicIpv4(ntohl(v4.sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    sockaddr_in6 v6;
    std::memcpy(&v6, address, sizeof(v6));
    return IsPublicIpv6(v6.sin6_addr);
  }
  return false;
}

}  // namespace enrich

#ifndef ENRICH_HTTP_ADDRESS_POLICY_H_
#define ENRICH_HTTP_ADDRESS_POLICY_H_

#include <sys/socket.h>

namespace enrich {

// Whether `address` is an IP address of the public internet. Everything else is
// refused: loopback, private, link-local, carrier-grade NAT, unique local,
// multicast, reserved and documentation ranges, IPv4 wrapped in IPv6 (except
// NAT64 of a public address) and other families.
//
// Meant for the address about to be connected to. The text of a URL decides
// nothing: names resolve anywhere, and an IPv4 address has many spellings.
bool IsPublicAddress(const sockaddr* address, socklen_t length);

}  // namespace enrich

#endif  // ENRICH_HTTP_ADDRESS_POLICY_H_

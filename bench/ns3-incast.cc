// The incast of bench/wire-incast.mjs for ns-3 (Debian: libns3-dev, g++). Arguments: megabytes per flow, new-reno or cubic. Prints one line of JSON.
//
// 32 hosts and a receiver around a router, each on a point-to-point link. ns-3 has PPP there, with two bytes around a packet where Ethernet has 38, so the
// rate is scaled by what a full segment takes on either (1502 bytes to 1538); its TCP carries no payload but its length, and no checksums.
#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

using namespace ns3;

static const uint32_t SENDERS = 32;
static const double RATE = 10e9 * 1502 / 1538;
static const uint16_t PORT = 5001;

static uint64_t hops = 0;
static uint64_t drops = 0;
static uint64_t received = 0;
static uint64_t expected = 0;
static double lastAt = 0;

static void HandleSent(Ptr<const Packet>) { hops += 1; }
static void HandleDrop(Ptr<const Packet>) { drops += 1; }
static void HandleReceived(Ptr<const Packet> packet, const Address&) {
  received += packet->GetSize();
  if (received < expected) return;
  lastAt = Simulator::Now().GetSeconds();
  Simulator::Stop();
}

int main(int argc, char** argv) {
  const uint64_t flowBytes = static_cast<uint64_t>(std::atof(argv[1]) * 1e6);
  const std::string control = argc > 2 && std::string(argv[2]) == "new-reno" ? "ns3::TcpNewReno" : "ns3::TcpCubic";
  expected = SENDERS * flowBytes;
  Config::SetDefault("ns3::TcpL4Protocol::SocketType", StringValue(control));
  Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
  Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));
  Config::SetDefault("ns3::TcpSocket::DelAckCount", UintegerValue(2));
  Config::SetDefault("ns3::TcpSocket::DelAckTimeout", TimeValue(MilliSeconds(40)));
  Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(1000000));
  Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(1000000));
  Config::SetDefault("ns3::TcpSocketBase::MinRto", TimeValue(MilliSeconds(200)));
  Config::SetDefault("ns3::TcpSocketBase::Sack", BooleanValue(true));
  Config::SetDefault("ns3::TcpSocketBase::Timestamp", BooleanValue(true));

  NodeContainer hosts;
  hosts.Create(SENDERS + 1);
  NodeContainer router;
  router.Create(1);
  InternetStackHelper stack;
  stack.Install(hosts);
  stack.Install(router);
  PointToPointHelper link;
  link.SetDeviceAttribute("DataRate", DataRateValue(DataRate(static_cast<uint64_t>(RATE))));
  link.SetDeviceAttribute("Mtu", UintegerValue(1500));
  link.SetChannelAttribute("Delay", TimeValue(NanoSeconds(2000)));
  link.SetQueue("ns3::DropTailQueue<Packet>", "MaxSize", StringValue("1000000B"));
  // Without it there is no queue discipline in front: the device's queue is the only one, as a switch has it.
  link.DisableFlowControl();
  Ipv4AddressHelper addresses;
  Ipv4Address sink;
  for (uint32_t index = 0; index <= SENDERS; index += 1) {
    NetDeviceContainer devices = link.Install(hosts.Get(index), router.Get(0));
    for (uint32_t end = 0; end < 2; end += 1) {
      devices.Get(end)->TraceConnectWithoutContext("PhyTxBegin", MakeCallback(&HandleSent));
      Ptr<PointToPointNetDevice> device = DynamicCast<PointToPointNetDevice>(devices.Get(end));
      device->GetQueue()->TraceConnectWithoutContext("Drop", MakeCallback(&HandleDrop));
    }
    const std::string network = "10.0." + std::to_string(index) + ".0";
    addresses.SetBase(network.c_str(), "255.255.255.0");
    Ipv4InterfaceContainer interfaces = addresses.Assign(devices);
    if (index == 0) sink = interfaces.GetAddress(0);
  }
  Ipv4GlobalRoutingHelper::PopulateRoutingTables();

  PacketSinkHelper receiver("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), PORT));
  ApplicationContainer sinks = receiver.Install(hosts.Get(0));
  sinks.Get(0)->TraceConnectWithoutContext("Rx", MakeCallback(&HandleReceived));
  sinks.Start(Seconds(0));
  BulkSendHelper sender("ns3::TcpSocketFactory", InetSocketAddress(sink, PORT));
  sender.SetAttribute("MaxBytes", UintegerValue(flowBytes));
  sender.SetAttribute("SendSize", UintegerValue(65536));
  for (uint32_t index = 1; index <= SENDERS; index += 1) sender.Install(hosts.Get(index)).Start(MilliSeconds(1));

  const std::clock_t cpuBefore = std::clock();
  const auto before = std::chrono::steady_clock::now();
  Simulator::Stop(Seconds(1000));
  Simulator::Run();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  const double cpuSeconds = static_cast<double>(std::clock() - cpuBefore) / CLOCKS_PER_SEC;
  std::printf("{\"bytes\":%llu,\"hops\":%llu,\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"virtualSeconds\":%.9f,\"drops\":%llu}\n", (unsigned long long)received,
              (unsigned long long)hops, seconds, cpuSeconds, lastAt - 0.001, (unsigned long long)drops);
  Simulator::Destroy();
  return received == expected ? 0 : 1;
}

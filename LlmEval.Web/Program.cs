var builder = WebApplication.CreateBuilder(args);
WebApplication app = builder.Build();
app.Run();
